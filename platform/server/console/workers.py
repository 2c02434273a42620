"""Word to the workers that there is something to do; what it is, the tables say."""

from django.contrib import messages
from django.http import HttpRequest
from kombu.exceptions import OperationalError

from experiments.tasks import make_thumbnails, send_make_thumbnails

MOST_SENT_HERE = 20


def tell_workers(request: HttpRequest, count: int) -> int:
    """Send a task for each of so many files or videos, and return the number."""
    try:
        if count > MOST_SENT_HERE:
            send_make_thumbnails.delay(count)
        else:
            for _ in range(count):
                make_thumbnails.delay()
    except OperationalError as error:
        messages.error(
            request, f"The workers could not be told ({error}); they look by themselves."
        )
    return count
