"""The doors of pages by their address, each open to the pages of sites that have a key."""

from server.api.doors import Door
from server.api.events import note_origin, take_events
from server.api.feed import show_feed
from server.api.origins import for_origins

PAGE_DOORS: dict[str, Door] = {
    "/api/events": for_origins(take_events, note_origin),
    "/api/feed": for_origins(show_feed),
}
