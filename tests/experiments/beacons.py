"""Beacons: what a viewer's page tells of what it shows, taken as the endpoint takes it."""

import json
from collections.abc import Callable

from experiments.events.ingest import receive
from experiments.events.receipts import Receipt
from experiments.serving import feed
from experiments.serving.feed import Slot
from tests.experiments.world import BROWSER


def event(token: str | None, step: str = "viewable", **more: object) -> dict[str, object]:
    return {"token": token, "step": step, **more}


def send(*events: object, agent: str = BROWSER) -> Receipt:
    return receive(json.dumps({"events": events}).encode(), agent)


def never(_: Slot) -> bool:
    return False


def visit(
    viewer: str,
    *steps: str,
    clicks: Callable[[Slot], bool] = never,
    experiment: str | None = None,
    agent: str = BROWSER,
    seconds: float | None = None,
    count: int = 30,
) -> list[Slot]:
    """Show a viewer the feed, whose page tells these steps of each slot, and what is clicked.

    Args:
        viewer: who comes.
        steps: of every slot with a token; "viewable" where none is named.
        clicks: tells of a slot whether it is clicked as well.
        experiment: whose feed, by its slug; the site's where None.
        agent: of the browser.
        seconds: that are told with each step.
        count: of slots on the page.

    Returns:
        The slots with a token.
    """
    page = feed.slots(viewer, experiment=experiment, count=count)
    slots = [slot for slot in page.slots if slot.token]
    more = {} if seconds is None else {"seconds": seconds}
    events = []
    for slot in slots:
        taken = [*(steps or ["viewable"]), *(["click"] if clicks(slot) else [])]
        events += [event(slot.token, step, **more) for step in taken]
    send(*events, agent=agent)
    return slots
