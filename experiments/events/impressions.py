"""The rules between an impression's view and its other events, whenever these come.

An event must be of the viewer, video and cell that the view of its impression is of: an id that
another experiment has is no repeat of that one's event. And a click is at least as suspect as its
view, whoever sends it: it counts only where the view counts, so that no cell has more clicks than
views.
"""

from collections.abc import Mapping, Sequence

from experiments.events.keys import FLAGS_SHIFT, SUSPECT, key_impression, key_step
from experiments.measures import Step

Row = tuple[int, int, int, int, int, int | None]  # the columns of an event
View = tuple[int, int, int, int, int]  # key, viewer, video, cell and context
SUSPICION = int(SUSPECT) << FLAGS_SHIFT
_VIEWABLE, _CLICK = int(Step.VIEWABLE), int(Step.CLICK)  # an enumeration's member is slow
_ALL_BUT_STEP = key_impression(-1)


def view_key(key: int) -> int:
    """Return the key of the view of an event's impression."""
    return key & _ALL_BUT_STEP | _VIEWABLE


def by_their_views(rows: Sequence[Row], views: Mapping[int, View]) -> tuple[list[Row], list[int]]:
    """Return the rows that agree with their views, as suspect as these, and the others' keys.

    Args:
        rows: with distinct keys; a view among them speaks for its impression.
        views: those that are stored, by key.
    """
    known: dict[int, View | Row] = {row[0]: row for row in rows} | dict(views)
    own: list[Row] = []
    taken: list[int] = []
    for row in rows:
        view = known.get(view_key(row[0]), row)
        if view is row:
            own.append(row)
        elif view[1:4] != row[1:4]:
            taken.append(row[0])
        elif key_step(row[0]) == _CLICK:
            own.append((*row[:4], row[4] | view[4] & SUSPICION, row[5]))
        else:
            own.append(row)
    return own, taken
