"""A copy of an experiment as a new draft, and the page that asks before one is deleted."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from experiments.errors import StateError
from experiments.models import Experiment
from experiments.serving import deletion, drafts


class ReasonForm(forms.Form):
    """Why it is deleted."""

    why = forms.CharField(label="Reason", max_length=300, help_text="Kept in the audit log.")


@require_POST
def copy(request: HttpRequest, slug: str) -> HttpResponse:
    """Make a draft like it, and show its first step."""
    draft = drafts.copy(get_object_or_404(Experiment, slug=slug))
    messages.success(request, "This is a copy, and a draft: give it a name and a question.")
    return redirect("console:step", draft.slug, "question")


def delete(request: HttpRequest, slug: str) -> HttpResponse:
    """Say what goes; with a reason, delete."""
    shown = get_object_or_404(Experiment, slug=slug, decision=None)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            deletion.delete(shown, why=form.cleaned_data["why"])
        except StateError as error:
            messages.error(request, f"Nothing was deleted: {error}.")
        else:
            messages.success(request, f"{shown.name} is deleted.")
        return redirect("console:experiments")
    context = {"experiment": shown, "form": form, "problem": deletion.problem(shown)}
    return render(request, "console/delete_experiment.html", context)
