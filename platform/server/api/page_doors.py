"""The doors of pages by their address, each open to the pages of sites that have a key.

Those for other sites' pages have addresses by setting (COVERLIFT_EMBED_PATH), because lists that
block by address know the common ones.
"""

from django.conf import settings

from server.api.arms import give_arms
from server.api.doors import Door
from server.api.events import note_origin, take_events
from server.api.feed import show_feed
from server.api.origins import for_origins
from server.api.script import give_script

_events = for_origins(take_events, note_origin)
PAGE_DOORS: dict[str, Door] = {
    "/api/events": _events,
    "/api/feed": for_origins(show_feed),
    f"/{settings.EMBED_PATH}/events": _events,
    f"/{settings.EMBED_PATH}/arms": for_origins(give_arms),
    f"/{settings.EMBED_PATH}/{settings.EMBED_SCRIPT}": give_script,
}
