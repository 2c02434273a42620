"""Makes a video's thumbnails step by step: beside `creative_steps` their only writer.

Every step is keyed by what it depends on: features by the video's content and the extractor, a
choice by that, the model's version and what is left out at both ends, each file by the shots and
its encoder's settings. So nothing is made twice, and what has changed is all that is made again.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar

from django.conf import settings
from django.db import transaction

from experiments.making import feature_steps, shared_work, site_settings
from experiments.making.child import run_step
from experiments.making.distinct_arms import give_way
from experiments.making.feature_steps import FeaturesElsewhere
from experiments.making.files import keep, local_copy, sha256_of
from experiments.making.first_frames import follow_gif
from experiments.models import Thumbnail, Video

if TYPE_CHECKING:
    from thumbnailer.results import MadeCreative, Part, Rendition, Selection, Versions, Wanted
    from thumbnailer.settings import PictureSettings, SelectionSettings

DECODING_PER_VIDEO_S = 2.0  # beside STEP_TIME_S, for each second of the video
MakingStep = Video.MakingStep
DECODES_ALL = {MakingStep.DECODE, MakingStep.FEATURES, MakingStep.STORYBOARD}

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def make(video: Video, enter: Callable[[Video, Video.MakingStep], None]) -> None:
    """Bring the video's thumbnails up to date and publish them together; safe to run again.

    Args:
        video: one without a file has none.
        enter: told each step as it begins.

    Raises:
        ThumbnailerError: where the file or the installation is at fault.
        OSError: where the storage is.
    """
    from thumbnailer import steps

    if not video.file:
        return
    made_by = _but_creatives(video, versions())
    thumbnails = {each.selector: each for each in video.thumbnails.filter(creative=None)}
    with local_copy(video.file) as path:
        making = Making(video, path, enter)
        if video.duration_s is None:
            video.duration_s = making.run(MakingStep.PROBE, steps.probe, site_settings.film())
            video.save(update_fields=["duration_s"])
        making.choose(thumbnails, made_by)
        follow_gif(thumbnails)
        making.encode(thumbnails.values(), made_by)
    with transaction.atomic():
        video.save(update_fields=["film_part"])
        for thumbnail in thumbnails.values():
            thumbnail.save()


def _but_creatives(video: Video, made_by: "Versions") -> "Versions":
    """Return what makes the video's other thumbnails: a person's picture stands before a frame."""
    brought = set(video.thumbnails.exclude(creative=None).values_list("selector", flat=True))
    models = {name: model for name, model in made_by.models.items() if name not in brought}
    return replace(made_by, models=models)


def creative(path: Path, names: Sequence[str]) -> "MadeCreative":
    """Return those files of a picture or clip that are asked for; a still is one file.

    Raises:
        ThumbnailerError: where the file or the installation is at fault.
    """
    from thumbnailer import steps

    pictures = site_settings.pictures()
    return run_step(settings.STEP_TIME_S, steps.creative, str(path), names, pictures)


def seconds_of(path: Path) -> float:
    """Return how long a file lasts that is to become a video, looked at in the sandbox.

    Raises:
        ThumbnailerError: where it is no video that can be used.
    """
    from thumbnailer import steps

    return run_step(settings.STEP_TIME_S, steps.probe, str(path), site_settings.film())


def versions() -> "Versions":
    """Return what makes thumbnails now."""
    from thumbnailer import steps

    return run_step(settings.STEP_TIME_S, steps.versions, *_what_is_made())


def check_selectors() -> None:
    """Load what the settings name, in this process and without looking at a video.

    Raises:
        ThumbnailerError: where a selector is unknown, or does not fit the extractor.
    """
    from thumbnailer import steps

    steps.versions(*_what_is_made())


@dataclass(frozen=True, slots=True)
class Making:
    """One video, its file at hand, and who is told of the steps."""

    video: Video
    path: Path
    enter: Callable[[Video, Video.MakingStep], None]

    def choose(self, thumbnails: dict[str, Thumbnail], made_by: "Versions") -> None:
        """Let those selectors choose that have not yet, or were other versions then."""
        from thumbnailer import steps

        missing = [
            name
            for name, model in made_by.models.items()
            if name not in thumbnails
            or (thumbnails[name].model_version, thumbnails[name].selection)
            != (model, made_by.selection)
        ]
        if not missing:
            return
        with feature_steps.features_at_hand(self.content_sha256) as folder:
            self.bring_features(folder)
            asked = (folder, self.content_sha256, missing, site_settings.selection())
            chosen_now = self.run(MakingStep.SELECT, steps.select, *asked)
        kept = [each for name, each in thumbnails.items() if name not in missing]
        for chosen in chosen_now:
            thumbnail = thumbnails.setdefault(
                chosen.selector, Thumbnail(video=self.video, selector=chosen.selector)
            )
            _enter_choice(thumbnail, chosen)
            self.video.film_part = list(astuple(chosen.part))
            thumbnail.selection = made_by.selection
        if settings.DISTINCT_ARMS:
            give_way([thumbnails[name] for name in missing], kept)

    def bring_features(self, folder: str) -> None:
        """Extract the features here, or spool the frames for a worker that does only that.

        Raises:
            FeaturesElsewhere: the frames are spooled, and the features still to come.
        """
        from thumbnailer import steps

        wanted = (self.content_sha256, site_settings.extractor(), site_settings.film())
        if not settings.FEATURES_QUEUE:
            read_by = settings.SELECTORS
            self.run(MakingStep.FEATURES, steps.features, folder, *wanted, selectors=read_by)
            return
        kept = feature_steps.kept_as(self.content_sha256)
        if not (Path(folder) / kept.features).exists():
            feature_steps.refuse_more_spools()
            if not shared_work.is_sent(kept.spool):
                self.run(MakingStep.DECODE, steps.decode, str(settings.SPOOL_ROOT), *wanted)
            shared_work.send_spool(kept.spool)
            raise FeaturesElsewhere(spooled=True)

    def encode(self, thumbnails: Iterable[Thumbnail], made_by: "Versions") -> None:
        """Make those files that show other shots, or are another encoder's, of all in one pass."""
        from thumbnailer import steps

        files = [_Files.of(each, self._frames_key(each), made_by) for each in thumbnails]
        lacking = [(each, each.wanted()) for each in files if each.missing]
        wanted = list(dict.fromkeys(each for _, each in lacking))  # arms may show the same
        if wanted:
            part, pictures = film_part(self.video), site_settings.pictures()
            time_s = settings.STEP_TIME_S * len(wanted)
            encoded = self.run_for(
                time_s, MakingStep.ENCODE, steps.encode, wanted, part=part, pictures=pictures
            )
            made = dict(zip(wanted, encoded, strict=True))
            for each, asked in lacking:
                each.add(made[asked])
        for each in files:
            each.show()

    def _frames_key(self, thumbnail: Thumbnail) -> str:
        asked = (thumbnail.shots_s, thumbnail.shot_length_s)
        return _key(self.content_sha256, *asked, self.video.film_part)

    def run(
        self,
        begun: Video.MakingStep,
        step: Callable[Concatenate[str, Arguments], Result],
        *arguments: Arguments.args,
        **named: Arguments.kwargs,
    ) -> Result:
        """Run a step on the file in a child; an error names the video as people know it."""
        time_s = settings.STEP_TIME_S + (self.decoding_s if begun in DECODES_ALL else 0.0)
        return self.run_for(time_s, begun, step, *arguments, **named)

    def run_for(
        self,
        time_s: float,
        begun: Video.MakingStep,
        step: Callable[Concatenate[str, Arguments], Result],
        *arguments: Arguments.args,
        **named: Arguments.kwargs,
    ) -> Result:
        """Run a step as ``run`` does, for at most so long."""
        self.enter(self.video, begun)
        try:
            return run_step(time_s, step, str(self.path), *arguments, **named)
        except Exception as error:
            if hasattr(error, "code"):
                error.args = (str(error).replace(str(self.path), known_as(self.video)),)
            raise

    @property
    def content_sha256(self) -> str:
        """The hash that the intake took, or else that of the file."""
        return self.video.content_sha256 or sha256_of(self.path)

    @property
    def decoding_s(self) -> float:
        """What a step that decodes the whole video may take longer than others."""
        return DECODING_PER_VIDEO_S * (self.video.duration_s or 0.0)


@dataclass(frozen=True, slots=True)
class _Files:
    """A thumbnail's files, while those that are missing are made.

    Attributes:
        thumbnail: whose they are.
        frames_key: of the frames that they show.
        encoders: of all files that it is to have, by their names.
        at_hand: those that it has, by their names.
    """

    thumbnail: Thumbnail
    frames_key: str
    encoders: dict[str, str]
    at_hand: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, thumbnail: Thumbnail, frames_key: str, made_by: "Versions") -> Self:
        kept = thumbnail.renditions if thumbnail.frames_key == frames_key else []
        encoders = made_by.files(moving=thumbnail.shot_length_s > 0)
        return cls(thumbnail, frames_key, encoders, {each["name"]: each for each in kept})

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of those that it lacks, or has of another encoder."""
        return tuple(
            name
            for name, encoder in self.encoders.items()
            if name not in self.at_hand or self.at_hand[name]["encoder"] != encoder
        )

    def wanted(self) -> "Wanted":
        from thumbnailer.results import Wanted

        return Wanted(tuple(self.thumbnail.shots_s), self.thumbnail.shot_length_s, self.missing)

    def add(self, renditions: "Iterable[Rendition]") -> None:
        """Keep files that were made."""
        for made in renditions:
            self.at_hand[made.name] = stored(made, self.encoders[made.name])

    def show(self) -> None:
        """Let the thumbnail have all its files."""
        self.thumbnail.frames_key = self.frames_key
        show(self.thumbnail, [self.at_hand[name] for name in self.encoders])


def known_as(video: Video) -> str:
    """Return the names by which a person knows a video."""
    return f"{video.slug} ({video.original_name or video.file.name})"


def film_part(video: Video) -> "Part":
    """Return the part of the video's picture that is film; all of it, where bars are unknown."""
    from thumbnailer.results import Part

    return Part(*(video.film_part or ()))


def _what_is_made() -> tuple[tuple[str, ...], "SelectionSettings", "PictureSettings"]:
    return settings.SELECTORS, site_settings.selection(), site_settings.pictures()


def _enter_choice(thumbnail: Thumbnail, chosen: "Selection") -> None:
    """Take the selector's answer over; shots picked by hand stay."""
    thumbnail.model_version = chosen.model_version
    thumbnail.candidates = [
        [list(each.starts_s), each.score, each.distinctness] for each in chosen.candidates
    ]
    thumbnail.note = chosen.note
    if not thumbnail.picked_by:
        thumbnail.shots_s, thumbnail.shot_length_s = list(chosen.starts_s), chosen.shot_length_s


def _key(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def show(thumbnail: Thumbnail, files: list[dict[str, Any]]) -> None:
    """Let the thumbnail have these files; the first is the one that every browser shows."""
    thumbnail.renditions, shown = files, files[0]
    thumbnail.file.name = shown["file"]
    thumbnail.media_type, thumbnail.size_bytes = shown["media_type"], shown["size_bytes"]
    thumbnail.width, thumbnail.height = shown["width"], shown["height"]


def stored(rendition: "Rendition", encoder: str) -> dict[str, Any]:
    """Keep a file and return its entry among a thumbnail's renditions."""
    return {
        "name": rendition.name,
        "file": keep("thumbnails", rendition.content, rendition.file_extension),
        "media_type": rendition.media_type,
        "size_bytes": len(rendition.content),
        "width": rendition.width,
        "height": rendition.height,
        "encoder": encoder,
    }
