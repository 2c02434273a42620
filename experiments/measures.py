"""Steps of an impression, which are its events, and the measures that are counted of them."""

from enum import IntEnum


class Step(IntEnum):
    """What happened to an impression; a page view (PV) is a viewable impression."""

    SERVED = 0
    LOADED = 1
    VIEWABLE = 2
    ANIMATED = 3
    CLICK = 4
    WATCHED = 5
