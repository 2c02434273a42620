"""The page that asks before videos are deleted, and says what it means."""

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from experiments.errors import StateError
from experiments.making.deletion import MOST_AT_ONCE, consequences, delete, problem
from experiments.models import Video


class ReasonForm(forms.Form):
    """Why the videos are deleted; the audit log keeps it."""

    why = forms.CharField(label="Reason", max_length=300, help_text="Kept in the audit log.")


def deletion(request: HttpRequest) -> HttpResponse:
    """Ask; with a reason, delete."""
    if request.method == "GET":
        return ask(request, Video.objects.filter(slug__in=request.GET.getlist("video")))
    chosen = Video.objects.filter(slug__in=request.POST.getlist("video"))
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return ask(request, chosen, form)
    try:
        number = delete(chosen, why=form.cleaned_data["why"])
    except StateError as error:
        messages.error(request, f"Nothing was deleted: {error}.")
    else:
        messages.success(request, f"{number} video{'s' if number != 1 else ''} deleted.")
    return redirect("console:videos")


def ask(
    request: HttpRequest, chosen: QuerySet[Video], form: ReasonForm | None = None
) -> HttpResponse:
    """Show what deleting these videos means, before anything is done."""
    if not chosen.exists():
        messages.error(request, "No video was chosen.")
        return redirect("console:videos")
    found = consequences(chosen)
    context = {
        "videos": list(chosen.order_by("title", "pk")[: MOST_AT_ONCE + 1]),
        "consequences": found,
        "problem": problem(chosen, found),
        "form": form or ReasonForm(),
    }
    return render(request, "console/deletion.html", context)
