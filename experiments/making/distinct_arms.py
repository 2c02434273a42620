"""Distinct arms: selectors that would show the same shots of a video show different ones."""

from collections.abc import Iterable

from experiments.models import Thumbnail

MOVED = "shows candidate"  # so begins what is said in the note of one that gave way

Shown = dict[tuple[float, tuple[float, ...], str], str]  # what is shown, and by which selector


def give_way(chosen: Iterable[Thumbnail], kept: Iterable[Thumbnail]) -> None:
    """Let each GIF chosen now show its best candidate that none before it shows; its note says so.

    Where all of them are shown it keeps its best: such arms are counted (experiments.equal_arms).

    Args:
        chosen: thumbnails not saved yet, the first of which give way to none but those kept.
        kept: the video's others.
    """
    shown = {each.shots_shown: each.selector for each in kept}
    for each in chosen:
        found = best_distinct(each, shown)
        if found and each.shot_length_s and not each.picked_by:
            each.shots_s, said = found
            each.note = "; ".join(filter(None, [each.note, said]))
        shown[each.shots_shown] = each.selector


def best_distinct(thumbnail: Thumbnail, shown: Shown) -> tuple[list[float], str] | None:
    """Return the best candidate that is not shown, and what its note says; "" of the first one."""
    twin = shown.get(thumbnail.shots_shown, "")
    why = f", as {twin} shows the same shots as those before" if twin else ""
    for number, (shots_s, *_) in enumerate(thumbnail.candidates, 1):
        if (thumbnail.shot_length_s, tuple(sorted(shots_s)), "") not in shown:
            return shots_s, f"{MOVED} {number}{why}" if number > 1 else ""
    return None
