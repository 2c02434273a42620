"""Keys and contexts: the two packed columns of an event.

A key is one positive 64-bit number, time-ordered and unique by construction:

    | 41 bits: milliseconds since 2010-01-01 UTC | 10: block | 9: sequence | 3: step |

An *impression id* is a key whose step bits are zero. Whoever makes ids holds a block number that
no one else holds in that time (``experiments.events.id_blocks.lease_block``). All functions take
Python integers and numpy int64 arrays alike. The argument for this layout is in docs/events.md.
"""

from datetime import UTC, date, datetime, timedelta
from enum import IntEnum, IntFlag
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from experiments.measures import Step

EPOCH = datetime(2010, 1, 1, tzinfo=UTC)
MINUTE_MS = 60_000
MINUTES_AN_HOUR = 60
HOUR_MS = MINUTES_AN_HOUR * MINUTE_MS
HOURS_A_DAY = 24
DAY_MS = HOURS_A_DAY * HOUR_MS

STEP_BITS, SEQUENCE_BITS, BLOCK_BITS, TIME_BITS = 3, 9, 10, 41
BLOCKS = 1 << BLOCK_BITS
SEQUENCES = 1 << SEQUENCE_BITS
TIME_SHIFT = STEP_BITS + SEQUENCE_BITS + BLOCK_BITS
END_MS = 1 << TIME_BITS

POSITION_BITS, DEVICE_BITS = 8, 2
MAX_POSITION = (1 << POSITION_BITS) - 1
FLAGS_SHIFT = POSITION_BITS + DEVICE_BITS

Numbers = TypeVar("Numbers", int, NDArray[np.int64])


class Device(IntEnum):
    """The kind of screen, from the user agent."""

    UNKNOWN = 0
    DESKTOP = 1
    PHONE = 2
    TABLET = 3


class Flag(IntFlag):
    """Reasons why an event is suspect, by the rules in docs/events.md; IMPLIED alone is not."""

    BOT_AGENT = 1
    BOT_RATE = 2
    NEVER_VIEWABLE = 4
    CLICKS_ALL = 8
    IMPLIED = 16  # a viewable that only its click has proved


SUSPECT = Flag.BOT_AGENT | Flag.BOT_RATE | Flag.NEVER_VIEWABLE | Flag.CLICKS_ALL


def impression_id(ms: Numbers, block: int, sequence: Numbers) -> Numbers:
    """Return the id of the impression numbered ``sequence`` of a block in a millisecond."""
    return (ms << TIME_SHIFT) | (block << (SEQUENCE_BITS + STEP_BITS)) | (sequence << STEP_BITS)


def event_key(impression: Numbers, step: Step) -> Numbers:
    """Return the key of one step of an impression."""
    return impression | int(step)


def key_ms(key: Numbers) -> Numbers:
    """Return when the impression was served, in ms since 2010."""
    return key >> TIME_SHIFT


def key_step(key: Numbers) -> Numbers:
    """Return the code of the step, see `Step`."""
    return key & ((1 << STEP_BITS) - 1)


def key_impression(key: Numbers) -> Numbers:
    """Return the impression id: the key without its step."""
    return key & ~((1 << STEP_BITS) - 1)


def first_key(ms: int) -> int:
    """Return the smallest key of a millisecond: a bound of a partition or an hour."""
    return ms << TIME_SHIFT


def ms_of(when: datetime) -> int:
    """Return whole milliseconds from 2010-01-01 UTC to an aware time."""
    return (when - EPOCH) // timedelta(milliseconds=1)


def time_of(ms: int) -> datetime:
    """Return the UTC time so many milliseconds after 2010 began."""
    return EPOCH + timedelta(milliseconds=int(ms))


def day_of(when: date) -> int:
    """Return a date's number, counted from 2010-01-01."""
    return (when - EPOCH.date()).days


def date_of(day: int) -> date:
    """Return the date of a day counted from 2010-01-01."""
    return EPOCH.date() + timedelta(days=day)


def pack_context(position: Numbers, device: Numbers, flags: Numbers) -> Numbers:
    """Return position (cut at 255), device and flags in 15 bits."""
    if isinstance(position, np.ndarray):
        position = np.minimum(position, MAX_POSITION)
    else:
        position = min(position, MAX_POSITION)
    return position | (device << POSITION_BITS) | (flags << FLAGS_SHIFT)


def context_position(context: Numbers) -> Numbers:
    """Return the position on the page, counted from 0; 255 means 255 or later."""
    return context & MAX_POSITION


def context_device(context: Numbers) -> Numbers:
    """Return the code of the device, see `Device`."""
    return (context >> POSITION_BITS) & ((1 << DEVICE_BITS) - 1)


def context_flags(context: Numbers) -> Numbers:
    """Return the flags, see `Flag`."""
    return context >> FLAGS_SHIFT
