"""Serves thumbnails and videos, in parts where the player asks for parts: it cannot seek without.

For the site on one machine; in front of many viewers a web server or a CDN takes these addresses.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils._os import safe_join
from django.views.decorators.http import require_safe

from server.storage import ANY_BYTES, CACHE_FOREVER, media_type

BLOCK_BYTES = 64 * 1024
NOTHING_RUNS = "default-src 'none'; sandbox"  # whatever a file turns out to be
HIDDEN = {"private"}  # folders of what is kept and never served
ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")


class RangeError(ValueError):
    """A range that lies outside the file."""


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Answer with a file of MEDIA_ROOT or the range of it that is asked for (RFC 9110, 14)."""
    file = find(path)
    size = file.stat().st_size
    try:
        asked = wanted_range(request.headers.get("Range", ""), size)
    except RangeError:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    start, end = asked or (0, size)
    response = StreamingHttpResponse(
        blocks(file, start, end), status=206 if asked else 200, content_type=media_type(file.name)
    )
    response["Content-Security-Policy"] = NOTHING_RUNS
    if response["Content-Type"] == ANY_BYTES:
        response["Content-Disposition"] = "attachment"
    response["Content-Length"] = str(end - start)
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = CACHE_FOREVER
    if asked:
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


def find(path: str) -> Path:
    """Return the file of that path below MEDIA_ROOT; 404 for whatever is not one."""
    try:
        file = Path(safe_join(settings.MEDIA_ROOT, path))
    except SuspiciousFileOperation as error:
        raise Http404(f"{path!r} is no media file") from error
    is_hidden = any(part in HIDDEN or part.startswith(".") for part in Path(path).parts)
    if is_hidden or not file.is_file():
        raise Http404(f"{path!r} is no media file")
    return file


def wanted_range(header: str, size: int) -> tuple[int, int] | None:
    """Return the bytes asked for, from and up to; None where not one range is asked for.

    Raises:
        RangeError: where the range has no byte of the file.
    """
    found = ONE_RANGE.match(header)
    if not found or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    start = int(first) if first else max(size - int(last), 0)
    end = min(int(last) + 1, size) if first and last else size
    if start >= end:
        raise RangeError(f"{header} has no byte of {size}")
    return start, end


def blocks(file: Path, start: int, end: int) -> Iterator[bytes]:
    """Yield the file's bytes from start up to end."""
    with file.open("rb") as opened:
        opened.seek(start)
        left = end - start
        while left > 0 and (block := opened.read(min(BLOCK_BYTES, left))):
            left -= len(block)
            yield block
