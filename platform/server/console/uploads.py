"""The page that brings videos in: files dropped or chosen, and what became of them."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from experiments.analysis.report.formatting import whole
from experiments.errors import IntakeError
from experiments.making import intake, jobs
from experiments.making.server_files import Brought, bring_folder, bring_table, root
from experiments.making.video_import import SUFFIXES
from experiments.models import Intake, Thumbnail
from server.console.workers import tell_workers

MOST_SHOWN = 50
MOST_NAMED = 10


class ServerFilesForm(forms.Form):
    """Files that lie on the server: a folder of them, or a table that names them."""

    folder = forms.CharField(
        required=False, max_length=1000, label="Folder",
        help_text="Its path in the folder above; all video files in it and in its folders. "
        "A dot for all there are.",
    )  # fmt: skip
    table = forms.FileField(
        required=False, label="Or a table",
        help_text="CSV with a column “file”, and perhaps title, channel, published (as "
        "2026-03-31), licence, source and image (the publisher's); each file by its path in the "
        "folder above.",
    )  # fmt: skip

    def brought(self, who: str) -> Brought | None:
        """Bring the files; None where they cannot be, with the sentence beside its field."""
        table = self.cleaned_data.get("table")
        try:
            if table:
                return bring_table(_text(table.read()), who=who)
            if folder := self.cleaned_data.get("folder"):
                return bring_folder(folder, who=who)
            raise IntakeError("name a folder or choose a table")
        except IntakeError as error:
            self.add_error("table" if table else "folder", str(error))
            return None


def uploads(request: HttpRequest) -> HttpResponse:
    """Show the page; take the files of a form that was sent without JavaScript."""
    if request.method == "POST":
        files = request.FILES.getlist("file")
        tell_workers(request, sum(_received(request, file) for file in files))
        if not files:
            messages.error(request, "No file was chosen.")
        return redirect(_where_they_were(request))
    return _page(request, ServerFilesForm())


@require_POST
def server_files(request: HttpRequest) -> HttpResponse:
    """Bring files that lie on the server."""
    form = ServerFilesForm(request.POST, request.FILES)
    brought = form.brought(request.user.get_username()) if form.is_valid() else None
    if brought is None:
        return _page(request, form)
    tell_workers(request, brought.count)
    known = f"; {whole(brought.known)} were brought before" if brought.known else ""
    messages.success(request, f"{whole(brought.count)} files wait for their check{known}.")
    if left := brought.left_out:
        named = "; ".join(left[:MOST_NAMED])
        more = f"; and {whole(len(left) - MOST_NAMED)} more" if len(left) > MOST_NAMED else ""
        messages.warning(request, f"{whole(len(left))} left out: {named}{more}.")
    return redirect("console:uploads")


def arrivals(request: HttpRequest) -> HttpResponse:
    """Show what became of the files, for a page that asks again; tell it when more are taken."""
    context = _arrivals(request)
    answer = render(request, "console/arrivals.html", context)
    if request.GET.get("taken") not in {None, str(context["taken"])}:
        trigger_client_event(answer, "taken")
    return answer


def upload_context(request: HttpRequest) -> dict[str, object]:
    """Return what a page shows that takes files, and what became of those sent before."""
    return _arrivals(request) | {
        "accepted": ",".join(sorted(SUFFIXES)),
        "largest_mb": settings.LARGEST_VIDEO_MB,
    }


def _where_they_were(request: HttpRequest) -> str:
    """Return the page of this site that the form stands on."""
    at = request.POST.get("at", "")
    is_ours = url_has_allowed_host_and_scheme(at, {request.get_host()})
    return at if is_ours else reverse("console:uploads")


def _page(request: HttpRequest, form: ServerFilesForm) -> HttpResponse:
    context = upload_context(request) | {"server_form": form, "root": root()}
    return render(request, "console/uploads.html", context)


def _text(content: bytes) -> str:
    """Return a table's text, which a spreadsheet may have begun with a mark.

    Raises:
        IntakeError: where it is no text of UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise IntakeError("the table is no text of UTF-8: save it as “CSV UTF-8”") from error


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
    files = Prefetch("video__thumbnails", Thumbnail.objects.only("video_id", "selector", "file"))
    shown = list(own.select_related("video").prefetch_related(files)[:MOST_SHOWN])
    moves = any(
        each.state == Intake.State.CHECKING or (each.video and each.video.state in jobs.UNFINISHED)
        for each in shown
    )
    return {
        "arrivals": [(each, _percent(each)) for each in shown],
        "waiting": own.filter(state=Intake.State.CHECKING).count(),
        "moves": moves,
        "taken": sum(each.state == Intake.State.TAKEN for each in shown),
    }


def _percent(each: Intake) -> int:
    """Return how much of a file is there, of one that is still being received."""
    if each.state != Intake.State.RECEIVING:
        return 100
    return 100 * intake.offset(each) // each.size_bytes
