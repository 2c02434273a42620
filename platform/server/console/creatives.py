"""One video's own pictures: its publisher's image, and creatives that may be arms."""

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from experiments.errors import InvalidValuesError, StateError
from experiments.making import creatives
from experiments.models import PUBLISHER, Arm, Creative, Thumbnail, Video
from server.console.pictures import Picture, picture
from server.console.workers import tell_workers

MEGABYTE = 1024**2


class ImageForm(forms.Form):
    """The publisher's image."""

    prefix = "publisher"
    file = forms.FileField(
        label="File",
        allow_empty_file=True,  # what is wrong with a file, the door says
        help_text=f"{creatives.KINDS}; at most {creatives.MAX_BYTES // MEGABYTE} MB.",
        widget=forms.ClearableFileInput(attrs={"accept": "image/*,video/mp4,video/webm"}),
    )

    def bring(self, video: Video) -> Creative | None:
        """Bring what was sent; where it cannot be, say so beside its field."""
        given = {"name": PUBLISHER, **self.cleaned_data}
        try:
            return creatives.bring(video, given["name"], given["file"])
        except InvalidValuesError as error:
            for name, problem in error.problems.items():
                self.add_error(name, problem)
        except StateError as error:
            self.add_error(None, str(error))
        return None


class CreativeForm(ImageForm):
    """Another picture or clip."""

    prefix = "creative"
    field_order = ("name", "file")
    name = forms.CharField(
        help_text="What an arm calls it, such as spring. One name for many videos is one arm."
    )


@dataclass(frozen=True, slots=True)
class Row:
    """A creative as the page shows it.

    Attributes:
        creative: the row.
        thumbnail: what is made of it; None as long as there is none.
        picture: the same, to be shown.
        experiments: names of those that have it as an arm.
        locked: why it cannot be changed now; "" where it can.
    """

    creative: Creative
    thumbnail: Thumbnail | None
    picture: Picture | None
    experiments: list[str]
    locked: str

    @property
    def is_waiting(self) -> bool:
        """Whether a worker is still to make it."""
        made = self.thumbnail and self.thumbnail.frames_key == self.creative.content_sha256
        return not (made or self.creative.error_code)


def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a video's own pictures, and take another."""
    video = get_object_or_404(Video, slug=slug)
    forms_by_act = {"publisher": ImageForm(), "creative": CreativeForm()}
    if request.method == "POST":
        act = "publisher" if request.POST.get("act") == "publisher" else "creative"
        sent = type(forms_by_act[act])(request.POST, request.FILES)
        if sent.is_valid() and (brought := sent.bring(video)):
            _announce(request, brought)
            return redirect("console:creatives", slug=slug)
        forms_by_act[act] = sent
    return render(request, "console/creatives.html", _context(video) | {"forms": forms_by_act})


def rows(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what became of the pictures, for a page that asks again."""
    video = get_object_or_404(Video, slug=slug)
    return render(request, "console/creative_rows.html", _context(video))


@require_POST
def remove(request: HttpRequest, slug: str) -> HttpResponse:
    """Take one away."""
    name = request.POST.get("name", "")
    creative = get_object_or_404(Creative, video__slug=slug, name=name)
    try:
        creatives.remove(creative)
    except StateError as error:
        messages.error(request, str(error))
    else:
        tell_workers(request, 1)
        messages.success(request, f"{creative.original_name} is taken away.")
    return redirect("console:creatives", slug=slug)


def _announce(request: HttpRequest, brought: Creative) -> None:
    tell_workers(request, 1)
    as_what = "the publisher's image" if brought.is_publishers else brought.name
    messages.success(
        request,
        f"{brought.original_name} is brought as {as_what}: a worker makes its thumbnail, which "
        "then shows here.",
    )


def _context(video: Video) -> dict[str, object]:
    brought = list(video.creatives.order_by("name"))
    thumbnails = {each.selector: each for each in video.thumbnails.all()}
    arms = Arm.objects.filter(experiment__videos=video).select_related("experiment")
    measured = creatives.measured_by(video)
    shown = []
    for each in brought:
        thumbnail = _of(each, thumbnails)
        names = [arm.experiment.name for arm in arms if arm.selector == each.name]
        by = measured.get(each.name)
        locked = creatives.locked_said(each.name, video, by) if by else ""
        shown.append(Row(each, thumbnail, picture(thumbnail) if thumbnail else None, names, locked))
    stand_in = thumbnails.get(PUBLISHER)
    return {
        "video": video,
        "rows": shown,
        "moves": any(row.is_waiting for row in shown),
        "stand_in": picture(stand_in) if stand_in and stand_in.is_stand_in else None,
        "has_image": any(each.is_publishers for each in brought),
    }


def _of(creative: Creative, thumbnails: dict[str, Thumbnail]) -> Thumbnail | None:
    """Return what was made of a creative, and no frame that stands in for it."""
    found = thumbnails.get(creative.name)
    return found if found and found.creative_id == creative.pk else None
