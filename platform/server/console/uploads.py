"""The page that brings videos in: files dropped or chosen, and what became of them."""

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from experiments.errors import IntakeError
from experiments.making import intake, jobs
from experiments.making.video_import import SUFFIXES
from experiments.models import Intake
from server.console.workers import tell_workers

MOST_SHOWN = 50


def uploads(request: HttpRequest) -> HttpResponse:
    """Show the page; take the files of a form that was sent without JavaScript."""
    if request.method == "POST":
        files = request.FILES.getlist("file")
        tell_workers(request, sum(_received(request, file) for file in files))
        if not files:
            messages.error(request, "No file was chosen.")
        return redirect("console:uploads")
    context = _arrivals(request) | {
        "accepted": ",".join(sorted(SUFFIXES)),
        "largest_mb": settings.LARGEST_VIDEO_MB,
    }
    return render(request, "console/uploads.html", context)


def arrivals(request: HttpRequest) -> HttpResponse:
    """Show what became of the files, for a page that asks again."""
    return render(request, "console/arrivals.html", _arrivals(request))


def _received(request: HttpRequest, file: "UploadedFile[bytes]") -> bool:
    """Take one file of a form; say why not, and the others go on."""
    try:
        begun = intake.begin(file.name or "", file.size or 0, who=request.user.get_username())
        file.seek(intake.offset(begun))
        intake.receive(begun, intake.offset(begun), file)
    except IntakeError as error:
        messages.error(request, str(error))
        return False
    return True


def _arrivals(request: HttpRequest) -> dict[str, object]:
    """Return the files that this person brought last, and whether something still moves."""
    own = Intake.objects.filter(who=request.user.get_username())
    shown = list(own.select_related("video").prefetch_related("video__thumbnails")[:MOST_SHOWN])
    moves = any(
        each.state == Intake.State.CHECKING or (each.video and each.video.state in jobs.UNFINISHED)
        for each in shown
    )
    return {
        "arrivals": [(each, _percent(each)) for each in shown],
        "waiting": own.filter(state=Intake.State.CHECKING).count(),
        "moves": moves,
    }


def _percent(each: Intake) -> int:
    """Return how much of a file is there, of one that is still being received."""
    if each.state != Intake.State.RECEIVING:
        return 100
    return 100 * intake.offset(each) // each.size_bytes
