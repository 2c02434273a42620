"""The page that changes what viewers read of a video."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from experiments.making.description import FIELDS, describe
from experiments.models import Video


class DescriptionForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    """The description that viewers read."""

    why = forms.CharField(
        label="Reason", required=False, help_text="For the audit log.", max_length=300
    )

    class Meta:
        model = Video
        fields = FIELDS
        labels = {"published_at": "Published, in UTC"}  # noqa: RUF012  Django's own form
        widgets = {  # noqa: RUF012  Django's own form
            "published_at": forms.DateTimeInput(
                format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}
            )
        }


def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what viewers read of a video, and change it."""
    video = get_object_or_404(Video, slug=slug)
    form = DescriptionForm(request.POST or None, instance=video)
    if request.method == "POST" and form.is_valid():
        said = {name: form.cleaned_data[name] for name in FIELDS}
        describe(video, said, why=form.cleaned_data["why"])
        messages.success(request, "Changed; the feed shows it within 5 seconds.")
        return redirect("console:video", slug=slug)
    return render(request, "console/description.html", {"video": video, "form": form})
