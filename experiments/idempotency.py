"""Idempotency keys: a write that is sent again is done once, and answered the same.

The row of a key is written in the transaction of the act. Two that come at once with one key wait
for each other; an act that fails takes its row along, so that it can be tried again.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from experiments.errors import KeyTakenError
from experiments.models import KeptAnswer

KEPT = timedelta(days=1)
Answer = tuple[int, Any]  # status, and the body as JSON


@transaction.atomic
def once(user_id: int, key: str, asked: str, act: Callable[[], Answer]) -> Answer:
    """Do an act, or return what was answered to it before.

    Args:
        user_id: whose key it is.
        key: the caller's own text for this one act.
        asked: digest of what is asked for.
        act: does it.

    Raises:
        KeyTakenError: where the key was given for something else.
    """
    now = timezone.now()
    KeptAnswer.objects.filter(at__lt=now - KEPT).delete()
    row, is_new = KeptAnswer.objects.get_or_create(
        user_id=user_id, key=key, defaults={"asked": asked, "status": 0}
    )
    if not is_new:
        if row.asked != asked:
            raise KeyTakenError(f"the idempotency key {key!r} was given for something else")
        return row.status, row.body
    row.status, row.body = act()
    row.save(update_fields=["status", "body"])
    return row.status, row.body
