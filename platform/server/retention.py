"""Old records that nobody needs leave by themselves; counts, reports and the audit log stay.

Events go to files (`manage.py archive`), and what else has a time of its own says so where it is
kept: messages of webhooks, answers to idempotency keys, visits of networks, unfinished uploads.
"""

from datetime import timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.utils import timezone

from experiments.events import receipts
from experiments.making import intake, shared_work

SPOOLED_KEPT = timedelta(days=7)


def forget_old() -> dict[str, int]:
    """Let go of what is older than KEEP_RECORDS_DAYS, and of sessions that are over.

    Returns:
        how many of each kind there were, by its name.
    """
    now = timezone.now()
    before = now - timedelta(days=settings.KEEP_RECORDS_DAYS)
    attempts = AccessAttempt.objects.filter(attempt_time__lt=before)
    return {
        "sessions": Session.objects.filter(expire_date__lt=now).delete()[0],
        "samples of refused events": receipts.forget_samples(before),
        "refused uploads": intake.forget_refused(before),
        "failed logins": attempts.delete()[0],
        "entries of Django's admin": LogEntry.objects.filter(action_time__lt=before).delete()[0],
        "videos' spooled frames": shared_work.forget_spools(now - SPOOLED_KEPT),
    }
