"""Identity: one person keeps one arm through a login, on every device that logs in.

The rule: an id that a site gives for a person takes over the viewer with whom it first came, so
whoever logs in keeps every arm. On another device the id's viewer is taken from the login on; what
that device saw before stays with the arm it saw, and the crossover is counted.
"""

import secrets
from functools import lru_cache

from django.conf import settings

from experiments.events.tokens import person_number, viewer_number
from experiments.models import ViewerAlias

KNOWN = 100_000  # persons whose viewer a process remembers: it never changes
_known: dict[int, int] = {}


def number_of(viewer: str, user: str = "") -> int:
    """Return the number by which a viewer is assigned and counted.

    Without a user it is a matter of the text alone; with one, of one query for each person and
    process, and of one row for the person and for each further device.

    Args:
        viewer: random text of a device; may be empty where there is a user.
        user: the site's own id of the person; empty where nobody is logged in.
    """
    device = viewer_number(viewer, settings.VIEWER_KEY) if viewer else None
    if not user:
        return viewer_number(viewer, settings.VIEWER_KEY)
    person = person_number(user, settings.VIEWER_KEY)
    taken = _taken_by(person, person if device is None else device)
    if device is not None and device != taken:
        _note_crossover(device, taken)
    return taken


def _taken_by(person: int, first: int) -> int:
    """Return whom a person is assigned as: ``first``, unless somebody came with them before."""
    if (taken := _known.get(person)) is None:
        made = ViewerAlias(viewer=person, same_as=first, is_crossover=False)
        ViewerAlias.objects.bulk_create([made], ignore_conflicts=True)
        taken = ViewerAlias.objects.get(viewer=person).same_as
        if len(_known) >= KNOWN:
            _known.clear()
        _known[person] = taken
    return taken


@lru_cache(KNOWN)
def _note_crossover(device: int, taken: int) -> None:
    made = ViewerAlias(viewer=device, same_as=taken, is_crossover=True)
    ViewerAlias.objects.bulk_create([made], ignore_conflicts=True)


def forget(name: str) -> dict[int, int]:
    """Let no name lead to a viewer; crossovers stay counted.

    Args:
        name: the text of a device, or the site's own id of a person, with whom every device goes on
            which that person logged in.

    Returns:
        by each number that the viewer had, one drawn at random that takes its place.
    """
    renamed = {number: secrets.randbits(63) for number in _numbers_of(name)}
    for number, nobody in renamed.items():
        ViewerAlias.objects.filter(viewer=number).update(viewer=nobody)
        ViewerAlias.objects.filter(same_as=number).update(same_as=nobody)
    return renamed


def _numbers_of(name: str) -> set[int]:
    """Return the numbers of a device of that name, and of a person and the person's devices."""
    named = {make(name, settings.VIEWER_KEY) for make in (viewer_number, person_number)}
    persons = ViewerAlias.objects.filter(viewer__in=named, is_crossover=False)
    counted_as = set(persons.values_list("same_as", flat=True))
    crossed = ViewerAlias.objects.filter(same_as__in=counted_as, is_crossover=True)
    return named | counted_as | set(crossed.values_list("viewer", flat=True))
