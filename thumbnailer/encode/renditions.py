"""The files of a thumbnail: the shots are cut out of the video once and encoded in every format."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from thumbnailer.encode import preview
from thumbnailer.encode.budget import encode_within
from thumbnailer.encode.formats import FORMATS
from thumbnailer.encode.parts.footage import Footage, Frames
from thumbnailer.encode.settings import DEFAULT, EncoderSettings, FormatSettings
from thumbnailer.encode.shots import Shots, cut_shots, one_shot
from thumbnailer.encode.still import MARGIN_FRAMES, best_frame, still
from thumbnailer.memory import give_back_freed_memory
from thumbnailer.results import STILL, WHOLE, Part, Rendition, twice

MS_PER_CS = 10


def render(
    path: str | Path,
    starts_s: Sequence[float],
    shot_length_s: float,
    names: Collection[str] | None = None,
    *,
    part: Part = WHOLE,
    settings: EncoderSettings = DEFAULT,
) -> list[Rendition]:
    """Return the files of these names, by default all, from one cut of frames.

    A ``shot_length_s`` of 0 asks for the still of one moment, which has no moving files. Of a film
    that lacks the pixels, files twice as wide are the same as the others.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    wanted = settings.digests if names is None else names
    times_s = shot_times_s(shot_length_s, settings)
    moves = shot_length_s > 0
    if moves:
        times_s = _with_margins(times_s, settings)
    of_shots_s = [[start_s + time_s for time_s in times_s] for start_s in starts_s]
    shots = cut_shots(path, of_shots_s, settings, part, MARGIN_FRAMES if moves else 0)
    if not moves:
        return [*_stills(shots, (0, 0), wanted, settings)]
    made = [*_best_stills(shots, wanted, settings)]
    shots = shots.without_margins()
    give_back_freed_memory()  # the decoder's, or it would be added to the encoders'
    made += _wide(shots, wanted, settings)
    frames, was_large = _in_a_row(shots.own), shots.has_large
    del shots  # and with them the larger frames
    if was_large:
        give_back_freed_memory()
    made += _animations(frames, set(wanted) - {each.name for each in made}, settings)
    previews = _previews_wanted(wanted, settings)
    if previews:
        rate = preview.frame_rate(path, settings.film)
        at_rate_s = preview.times_s(starts_s, shot_length_s, rate)
        made += _previews(cut_shots(path, at_rate_s, settings, part).large, rate, previews)
    return _in_order(made, settings)


def render_frames(
    frames: Frames, names: Collection[str] | None = None, settings: EncoderSettings = DEFAULT
) -> list[Rendition]:
    """Return the files of these names, by default all, of the same (N, H, W, 3) frames of one shot.

    A single frame asks for its still, which has no moving files. Frames twice as large as the box
    are halved but for the files twice as wide; of others these are the same.
    """
    wanted = settings.digests if names is None else names
    if len(frames) == 1:
        return [*_stills(one_shot(frames, settings, 0), (0, 0), wanted, settings)]
    shots = one_shot(frames, settings, MARGIN_FRAMES)
    previews, rate = _previews_wanted(wanted, settings), Fraction(1000, settings.frame_ms)
    moving = _animations(_in_a_row(shots.own), wanted, settings)
    made = [*_best_stills(shots, wanted, settings), *moving]
    return _in_order([*made, *_previews(frames[None], rate, previews)], settings)


def _in_order(files: list[Rendition], settings: EncoderSettings) -> list[Rendition]:
    """Return the files in the order of the settings: the first is what every browser shows."""
    order = list(settings.digests)
    return sorted(files, key=lambda each: order.index(each.name))


def shot_times_s(shot_length_s: float, settings: EncoderSettings = DEFAULT) -> list[float]:
    """Return the moments of a shot at which its frames are taken, from 0 on; a still has one."""
    fitting = round(shot_length_s * 1000 / settings.frame_ms)
    count = min(settings.frames_per_shot, max(1, fitting))
    return [number * settings.frame_ms / 1000 for number in range(count)]


def _with_margins(times_s: list[float], settings: EncoderSettings) -> list[float]:
    """Return the times of a shot's frames and of some more on both sides, to judge them beside."""
    margin_s = [number * settings.frame_ms / 1000 for number in range(1, MARGIN_FRAMES + 1)]
    return [*(-time_s for time_s in margin_s[::-1]), *times_s, *(times_s[-1] + t for t in margin_s)]


def _wide(shots: Shots, names: Collection[str], settings: EncoderSettings) -> Iterator[Rendition]:
    """Yield the moving files twice as wide, where there are larger frames."""
    for each in settings.wide:
        if shots.has_large and twice(each.name) in names:
            large = _animation(Footage(_in_a_row(shots.large)), each, settings)
            yield replace(large, name=twice(each.name))


def _animations(
    frames: Frames, names: Collection[str], settings: EncoderSettings
) -> Iterator[Rendition]:
    """Yield the moving files; those twice as wide that are still to be made are the same."""
    footage, made = Footage(frames), {}
    for each in settings.formats:
        if each.name in names:
            made[each.name] = _animation(footage, each, settings)
            if len(made) == 1:  # GIF's takes most: what the others free is left to the next one
                give_back_freed_memory()
    yield from made.values()
    for each in settings.wide:
        if twice(each.name) in names:
            same = made.get(each.name) or _animation(footage, each, settings)
            yield replace(same, name=twice(each.name))


def _in_a_row(shots: Frames) -> Frames:
    """Return the (N, H, W, 3) frames of (S, N, H, W, 3) shots, one shot after the other."""
    return shots.reshape(-1, *shots.shape[2:])


def _animation(footage: Footage, wanted: FormatSettings, settings: EncoderSettings) -> Rendition:
    content = encode_within(
        FORMATS[wanted.name],
        footage,
        delay_cs=settings.frame_ms // MS_PER_CS,
        quality=wanted.quality,
        budget_bytes=wanted.budget_bytes,
    )
    return _rendition(wanted.name, wanted.name, content, footage.frames)


def _rendition(name: str, image_format: str, content: bytes, frames: Frames) -> Rendition:
    made, (height, width) = FORMATS[image_format], frames.shape[1:3]
    return Rendition(name, made.media_type, made.file_extension, content, width, height)


def _best_stills(
    shots: Shots, names: Collection[str], settings: EncoderSettings
) -> Iterator[Rendition]:
    if STILL in names or twice(STILL) in names:
        yield from _stills(shots, best_frame(shots.frames), names, settings)


def _stills(
    shots: Shots, place: tuple[int, int], names: Collection[str], settings: EncoderSettings
) -> Iterator[Rendition]:
    for name, frames in ((STILL, shots.own), (twice(STILL), shots.large)):
        if name in names:
            yield replace(still(frames[place], quality=settings.still_quality), name=name)


def _previews_wanted(names: Collection[str], settings: EncoderSettings) -> list[str]:
    """Return the formats of the previews among these files."""
    return [each for each in settings.previews if preview.name_of(each) in names]


def _previews(shots: Frames, rate: Fraction, formats: Sequence[str]) -> Iterator[Rendition]:
    frames = _in_a_row(shots)
    for each in formats:
        content = preview.encode_preview(frames, rate, each)
        yield _rendition(preview.name_of(each), each, content, frames)
