"""The description of a video: its title, channel, age and credits, as a person changes them."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from experiments.audit import record_act
from experiments.errors import InvalidValuesError
from experiments.models import Video

FIELDS = ("title", "channel", "published_at", "licence", "source")


def describe(video: Video, said: Mapping[str, Any], *, why: str = "") -> Video:
    """Change what is said of a video, and leave an entry in the audit log.

    Args:
        video: the row, which is read again.
        said: the new value of each of `FIELDS` that changes.
        why: the reason, for the log.

    Raises:
        InvalidValuesError: where a value cannot be.
    """
    with transaction.atomic():
        row = Video.objects.select_for_update().get(pk=video.pk)
        before = _told(row)
        for name, value in said.items():
            setattr(row, name, value)
        _check(row)
        row.save(update_fields=FIELDS)
        record_act("video", row.slug, "describe", before=before, after=_told(row), why=why)
    return row


def _told(video: Video) -> dict[str, str]:
    return {name: str(getattr(video, name) or "") for name in FIELDS}


def _check(video: Video) -> None:
    try:
        video.clean_fields()
    except ValidationError as error:
        problems = {name: " ".join(said) for name, said in error.message_dict.items()}
        raise InvalidValuesError(problems) from error
