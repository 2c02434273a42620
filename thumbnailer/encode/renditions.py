"""The files of thumbnails: their shots are cut out of the video once, for all formats."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from thumbnailer.encode import preview
from thumbnailer.encode.budget import encode_within
from thumbnailer.encode.cutting import CutShots, Moments, cut_shots
from thumbnailer.encode.formats import FORMATS
from thumbnailer.encode.parts.footage import Footage, Frames
from thumbnailer.encode.settings import DEFAULT, EncoderSettings, FormatSettings
from thumbnailer.encode.shots import Shots, one_shot
from thumbnailer.encode.still import MARGIN_FRAMES, best_frame, still
from thumbnailer.memory import give_back_freed_memory
from thumbnailer.results import STILL, WHOLE, Part, Rendition, Wanted, twice

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
    """Return the files of one thumbnail, of these names or all; otherwise as ``render_all``."""
    of_names = tuple(settings.digests if names is None else names)
    wanted = Wanted(tuple(starts_s), shot_length_s, of_names)
    [made] = render_all(path, [wanted], part=part, settings=settings)
    return made


def render_all(
    path: str | Path,
    thumbnails: Sequence[Wanted],
    *,
    part: Part = WHOLE,
    settings: EncoderSettings = DEFAULT,
) -> list[list[Rendition]]:
    """Return the files of each thumbnail, all from one cut of frames.

    Of a film that lacks the pixels, files twice as wide are the same as the others.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
        OSError: where there is no room for the frames.
    """
    moments = [_moments(wanted, settings) for wanted in thumbnails]
    with_previews = [
        number for number, wanted in enumerate(thumbnails) if _previews_of(wanted, settings)
    ]
    rate = preview.frame_rate(path, settings.film) if with_previews else Fraction(1)
    moments += [_moments_at(rate, thumbnails[number]) for number in with_previews]
    with cut_shots(path, moments, settings, part) as cut:
        made = [_files(cut, number, wanted, settings) for number, wanted in enumerate(thumbnails)]
        for place, number in enumerate(with_previews, start=len(thumbnails)):
            formats = _previews_of(thumbnails[number], settings)
            made[number] += _previews(cut.of(place).large, rate, formats)
    return [_in_order(files, settings) for files in made]


def _previews_of(wanted: Wanted, settings: EncoderSettings) -> list[str]:
    """Return the formats of the previews that are wanted of a thumbnail; a still has none."""
    return _previews_wanted(wanted.names, settings) if wanted.shot_length_s > 0 else []


def _moments_at(rate: Fraction, wanted: Wanted) -> Moments:
    """Return the moments of a thumbnail's previews, at the film's own frame rate."""
    return Moments(preview.times_s(wanted.starts_s, wanted.shot_length_s, rate))


def _moments(wanted: Wanted, settings: EncoderSettings) -> Moments:
    """Return the moments of a thumbnail's frames and, where it moves, of some to judge it by."""
    times_s, moves = shot_times_s(wanted.shot_length_s, settings), wanted.shot_length_s > 0
    times_s = _with_margins(times_s, settings) if moves else times_s
    of_shots_s = [[start_s + time_s for time_s in times_s] for start_s in wanted.starts_s]
    return Moments(of_shots_s, MARGIN_FRAMES if moves else 0)


def _files(
    cut: CutShots, number: int, wanted: Wanted, settings: EncoderSettings
) -> list[Rendition]:
    """Return the files that are wanted of one thumbnail, but for its previews."""
    give_back_freed_memory()  # the decoder's, or it would be added to all that follows
    shots, names = cut.of(number), wanted.names
    if wanted.shot_length_s == 0:
        return [*_stills(shots, (0, 0), names, settings)]
    made = [*_best_stills(shots, names, settings)]
    shots = shots.without_margins()
    give_back_freed_memory()
    made += _wide(shots, names, settings)
    frames, was_large = _in_a_row(shots.own), shots.has_large
    del shots  # and with them the larger frames
    if was_large:
        give_back_freed_memory()
    return [*made, *_animations(frames, set(names) - {each.name for each in made}, settings)]


def render_frames(
    frames: Frames, names: Collection[str] | None = None, settings: EncoderSettings = DEFAULT
) -> list[Rendition]:
    """Return the files of these names, by default all, of the same (N, H, W, 3) frames of one shot.

    A single frame asks for its still, which has no moving files. Frames twice as large as the box
    are halved but for the files twice as wide; of others these are the same.
    """
    wanted = settings.digests if names is None else names
    if len(frames) == 1:
        return [*_stills(one_shot(frames, settings.box, 0), (0, 0), wanted, settings)]
    shots = one_shot(frames, settings.box, MARGIN_FRAMES)
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
