"""User agents: the kind of screen that they name, and whether they say that they are programs."""

import re
from functools import lru_cache

from crawleruseragents import is_crawler

from experiments.events.keys import Device, Flag

_TABLET = re.compile(r"iPad|Tablet|PlayBook|Silk|Android(?!.*Mobile)")
_PHONE = re.compile(r"Mobi|iPhone|iPod|Android|Windows Phone")
_DESKTOP = re.compile(r"Windows NT|Macintosh|X11|CrOS")
_LONGEST = 500  # a longer one is cut: patterns look at the start and cost grows with length


@lru_cache(maxsize=20_000)
def classify(user_agent: str) -> tuple[Device, Flag]:
    """Return the device, and BOT_AGENT for a crawler, a library or no user agent at all."""
    text = user_agent[:_LONGEST]
    flag = Flag.BOT_AGENT if not text.strip() or is_crawler(text) else Flag(0)
    return _device(text), flag


def _device(text: str) -> Device:
    for device, pattern in (
        (Device.TABLET, _TABLET),
        (Device.PHONE, _PHONE),
        (Device.DESKTOP, _DESKTOP),
    ):
        if pattern.search(text):
            return device
    return Device.UNKNOWN
