"""Makes the thumbnails of pictures and clips that people brought, and notes what cannot be used."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, QuerySet

from experiments.making import thumbnail_steps
from experiments.making.files import local_copy
from experiments.models import Creative, Thumbnail, Video

if TYPE_CHECKING:
    from thumbnailer.results import MadeCreative, Versions

Enter = Callable[[Video, Video.MakingStep], None]
MODEL_VERSION = "brought"  # no model chose it


def unmade(video: Video) -> QuerySet[Creative]:
    """Return the video's creatives that have no thumbnail yet, and may have one."""
    usable = video.creatives.filter(error_code="")
    return usable.exclude(thumbnail__frames_key=F("content_sha256"))


def make(video: Video, enter: Enter) -> None:
    """Bring the thumbnails of the video's creatives up to date; safe to run again.

    A creative that cannot be used is noted with its reason, and the others go on.

    Args:
        video: with or without a file.
        enter: told each step as it begins.

    Raises:
        ThumbnailerError: where the installation is at fault.
        OSError: where the storage is.
    """
    creatives = list(video.creatives.filter(error_code=""))
    made_by = thumbnail_steps.versions() if creatives else None
    for creative in creatives:
        assert made_by is not None  # noqa: S101  as there are creatives
        try:
            _bring_up_to_date(creative, made_by, enter)
        except Exception as error:
            if not getattr(error, "is_the_videos_fault", False):
                raise
            _note(creative, getattr(error, "code", ""), str(error))


def _bring_up_to_date(
    creative: Creative,
    made_by: "Versions",
    enter: Enter,
) -> None:
    video, name = creative.video, creative.name
    thumbnail = video.thumbnails.filter(selector=name).first() or Thumbnail(
        video=video, selector=name
    )
    is_same = thumbnail.frames_key == creative.content_sha256
    files = {each["name"]: each for each in thumbnail.renditions} if is_same else {}
    encoders = made_by.files(moving=not is_same or thumbnail.shot_length_s > 0)
    missing = [
        each
        for each, encoder in encoders.items()
        if each not in files or files[each]["encoder"] != encoder
    ]
    if not missing:
        return
    enter(video, Video.MakingStep.ENCODE)
    made = _made(creative, missing)
    for each in made.renditions:
        files[each.name] = thumbnail_steps.stored(each, encoders[each.name])
    _enter_creative(thumbnail, creative, made)
    encoders = made_by.files(moving=made.length_s > 0)
    thumbnail_steps.show(thumbnail, [files[each] for each in encoders])
    _publish(thumbnail, creative)


def _made(creative: Creative, names: list[str]) -> "MadeCreative":
    """Run the step; an error names the file as the person knows it."""
    with local_copy(creative.file) as path:
        try:
            return thumbnail_steps.creative(path, names)
        except Exception as error:
            if hasattr(error, "code"):
                error.args = (str(error).replace(str(path), creative.original_name),)
            raise


def _enter_creative(thumbnail: Thumbnail, creative: Creative, made: "MadeCreative") -> None:
    thumbnail.creative, thumbnail.frames_key = creative, creative.content_sha256
    thumbnail.model_version, thumbnail.selection = MODEL_VERSION, ""
    thumbnail.shots_s, thumbnail.candidates, thumbnail.picked_by = [], [], ""
    thumbnail.shot_length_s, thumbnail.note = made.length_s, made.note


@transaction.atomic
def _publish(thumbnail: Thumbnail, creative: Creative) -> None:
    """Save the thumbnail, unless the creative was taken away meanwhile."""
    if Creative.objects.select_for_update().filter(pk=creative.pk).exists():
        thumbnail.save()


@transaction.atomic
def _note(creative: Creative, code: str, message: str) -> None:
    """Keep the reason, unless another file was brought meanwhile; what it was before goes."""
    same = Creative.objects.filter(pk=creative.pk, content_sha256=creative.content_sha256)
    if same.update(error_code=code, error_message=message):
        Thumbnail.objects.filter(creative=creative).delete()
