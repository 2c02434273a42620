"""Idempotency keys of the API: ``Idempotency-Key`` on a write."""

import hashlib
import json
from typing import Any

from django.http import QueryDict
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import APIView

from experiments.idempotency import Answer, once

HEADER = "Idempotency-Key"
MAX_KEY_CHARS = 200
WRITES = {"post", "put", "patch", "delete"}


class Once(APIView):
    """A view whose writes are done once for each key."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer as always; the handler of a write with a key is wrapped."""
        name = request.method.lower()
        if name in WRITES and (handler := getattr(self, name, None)):
            setattr(self, name, _once(handler))
        return super().dispatch(request, *args, **kwargs)


def _once(handler: Any) -> Any:
    def answer_once(request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER, "")
        if not key:
            plain: Response = handler(request, *args, **kwargs)
            return plain
        if len(key) > MAX_KEY_CHARS or not key.isprintable():
            raise ValidationError({HEADER: [f"must have 1 to {MAX_KEY_CHARS} printable letters"]})

        def act() -> Answer:
            answer = handler(request, *args, **kwargs)
            return answer.status_code, json.loads(json.dumps(answer.data, cls=JSONEncoder))

        status, body = once(int(request.user.pk or 0), key, _digest(request), act)
        return Response(body, status=status)

    return answer_once


def _digest(request: Request) -> str:
    """Return the digest of what is asked for; files by their names and sizes."""
    data = request.data
    given = dict(data.lists()) if isinstance(data, QueryDict) else data
    asked = json.dumps(
        [request.method, request.path, given],
        sort_keys=True,
        default=lambda file: [str(file), getattr(file, "size", 0)],
    )
    return hashlib.sha256(asked.encode()).hexdigest()
