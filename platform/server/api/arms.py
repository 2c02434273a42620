"""The arms' door: the videos that a page shows in, the viewer's picture of each out."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, Literal

import msgspec

from experiments.errors import EventsError
from experiments.serving import feed
from experiments.surface import SURFACES
from server.api.bodies import read_body
from server.api.doors import Answer
from server.api.feed import NOT_KEPT, may_be_tracked
from server.api.parameters import MAX_VIEWER_CHARS

MAX_VIDEOS, MAX_SLUG_CHARS, MAX_FIRST = 500, 100, 65_535
ONLY_POST = Answer(
    HTTPStatus.METHOD_NOT_ALLOWED, {"error": "arms are asked for by POST"}, {"Allow": "POST"}
)
_Slug = Annotated[str, msgspec.Meta(max_length=MAX_SLUG_CHARS)]

_Name = Annotated[str, msgspec.Meta(max_length=MAX_VIEWER_CHARS)]


class AskedFor(msgspec.Struct, frozen=True):
    """What a page asks for.

    Attributes:
        videos: their slugs, in the order of the page.
        viewer: random text of the device.
        user: the site's own id of whoever is logged in; one of the two is given.
        position: of the first of them on the page.
        surface: "related" for a list beside a video that is watched.
    """

    videos: Annotated[list[_Slug], msgspec.Meta(max_length=MAX_VIDEOS)]
    viewer: _Name = ""
    user: _Name = ""
    position: Annotated[int, msgspec.Meta(ge=0, le=MAX_FIRST)] = 0
    surface: Literal["feed", "related"] = "feed"


_decode = msgspec.json.Decoder(AskedFor).decode


def give_arms(environ: Mapping[str, Any]) -> Answer:
    """Answer with a slot for each video that has a picture; nothing is queried or written.

    Raises:
        DatabaseError, NotReadyError: where what is known is too old and the database is away.
    """
    if environ["REQUEST_METHOD"] != "POST":
        return ONLY_POST
    try:
        asked = _decode(read_body(environ))
    except EventsError as error:
        return Answer(HTTPStatus.BAD_REQUEST, {"error": str(error)})
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Answer(HTTPStatus.BAD_REQUEST, {"error": f"the body cannot be read: {error}"})
    if not (asked.viewer or asked.user):
        return Answer(HTTPStatus.BAD_REQUEST, {"error": "viewer and user are empty: give one"})
    tracked = may_be_tracked(environ)
    shown = feed.arms(
        asked.viewer, asked.videos, first=asked.position, tracked=tracked, user=asked.user,
        on=SURFACES[asked.surface],
    )  # fmt: skip
    return Answer(HTTPStatus.OK, shown, NOT_KEPT)
