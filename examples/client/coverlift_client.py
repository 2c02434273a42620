"""A client for Coverlift's doors and API, of the standard library alone: copy it beside your code.

pages = Coverlift("https://coverlift.example", key="coverlift_…")
slots = pages.arms("visitor-1", ["cats", "dogs"])
pages.tell([{"token": slots[0]["token"], "step": "click"}], agent=browser)

own = Coverlift("https://coverlift.example", token="coverlift_…")
for video in own.all("videos", state="failed"):
    own.post(f"videos/{video['slug']}/retry")
"""

import json
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

Document = dict[str, Any]
PASSING = {429, 503}  # the server asks to come again later
PAGE = 500


class Refused(Exception):  # noqa: N818  a refusal is an answer
    """What the server refused, and why.

    Attributes:
        status: of the answer.
        told: its document.
    """

    def __init__(self, status: int, told: Any) -> None:
        super().__init__(f"{status}: {told}")
        self.status, self.told = status, told


class Coverlift:
    """One Coverlift, as a site's server or a person's program sees it."""

    def __init__(
        self, url: str, *, key: str = "", token: str = "", tries: int = 4, timeout_s: float = 10
    ) -> None:
        """Remember where it is and how to come in.

        Args:
            url: its address, as https://coverlift.example.
            key: of a site, for `arms` and `tell`.
            token: of a person, for the rest.
            tries: how often a request is sent where the server asks to come again.
            timeout_s: seconds that an answer may take.
        """
        self._url, self._key, self._token = url.rstrip("/"), key, token
        self._tries, self._timeout_s = tries, timeout_s

    def arms(
        self, viewer: str, videos: Sequence[str], *, user: str = "", position: int = 0
    ) -> list[Document]:
        """Return the slots of videos for a viewer; of a video without a picture there is none."""
        asked = {"viewer": viewer, "user": user, "videos": list(videos), "position": position}
        slots: list[Document] = self._ask("POST", self._door("arms"), asked)["slots"]
        return slots

    def tell(self, events: Sequence[Mapping[str, object]], *, agent: str) -> Document:
        """Tell events, with the User-Agent of the viewer; return what became of them."""
        told: Document = self._ask(
            "POST", self._door("events"), {"events": list(events)}, {"User-Agent": agent}
        )
        return told

    def get(self, address: str, **parameters: object) -> Any:
        """Return a document of the API, such as that of "reports/spring"."""
        given = f"?{urlencode(parameters)}" if parameters else ""
        return self._ask("GET", f"/api/v1/{address}{given}")

    def all(self, address: str, **filters: object) -> Iterator[Document]:
        """Yield every row of a list of the API, page by page."""
        page: int | None = 1
        while page is not None:
            found = self.get(address, page=page, page_size=PAGE, **filters)
            yield from found["results"]
            page = page + 1 if found["next"] else None

    def post(self, address: str, body: Mapping[str, object] | None = None) -> Any:
        """Send a write; one that has to be sent again is done once."""
        once = {"Idempotency-Key": str(uuid.uuid4())}
        return self._ask("POST", f"/api/v1/{address}", body or {}, once)

    def _door(self, name: str) -> str:
        return f"/embed/{name}?{urlencode({'key': self._key})}"

    def _ask(
        self, method: str, address: str, body: object = None, headers: Mapping[str, str] = {}
    ) -> Any:
        given = {"Content-Type": "application/json", **headers}
        if self._token:
            given["Authorization"] = f"Bearer {self._token}"
        data = None if body is None else json.dumps(body).encode()
        for tried in range(1, self._tries + 1):
            request = Request(f"{self._url}{address}", data, given, method=method)
            try:
                with urlopen(request, timeout=self._timeout_s) as answer:
                    return json.load(answer)
            except HTTPError as error:
                if error.code not in PASSING or tried == self._tries:
                    raise Refused(error.code, _told(error)) from error
                time.sleep(float(error.headers.get("Retry-After", 1)))
        return None


def _told(error: HTTPError) -> Any:
    try:
        return json.load(error)
    except ValueError:
        return error.reason
