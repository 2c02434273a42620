"""The part of the API's schema that is the same for every address: refusals, keys of writes."""

from typing import Any

from server.api.idempotency import HEADER, MAX_KEY_CHARS, WRITES

REFUSALS = {
    "400": "A value that cannot be: a list of sentences for each, or one under `detail`.",
    "401": "No token, or one that is unknown, revoked or expired.",
    "403": "The token's scopes, or its user's rights, do not reach so far.",
    "404": "There is none.",
    "503": "The database is away: ask again later.",
}
OF_WRITES = {
    "409": "Things stand otherwise.",
    "413": "Too large.",
    "415": "A body of a kind that is not taken.",
    "422": "The idempotency key was given for something else.",
}
IDEMPOTENCY = {
    "name": HEADER,
    "in": "header",
    "description": "The same key again within a day: done once, and answered the same.",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY_CHARS},
}


def tell_refusals(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """Add to each operation of the schema what is the same for all."""
    result["components"]["schemas"]["Refusal"] = {"type": "object", "additionalProperties": {}}
    for path in result["paths"].values():
        for method, operation in path.items():
            told = REFUSALS | (OF_WRITES if method in WRITES else {"409": OF_WRITES["409"]})
            for status, says in told.items():
                operation["responses"].setdefault(status, _refusal(says))
            if method in WRITES:
                operation.setdefault("parameters", []).append(IDEMPOTENCY)
    return result


def _refusal(says: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Refusal"}
    return {"description": says, "content": {"application/json": {"schema": schema}}}
