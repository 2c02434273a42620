"""The audit log: who did what, searched."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from experiments import audit
from experiments.door import Door
from experiments.models import AuditEntry

ENTRIES_A_PAGE = 50
KINDS = ("experiment", "video", "making", "account", "key", "webhook", "viewer")


def audit_log(request: HttpRequest) -> HttpResponse:
    """Show the entries that the search leaves, the latest first."""
    kept = {name: request.GET.get(name, "").strip() for name in ("q", "kind", "door")}
    found = audit.found(kept["q"], kind=kept["kind"], door=kept["door"])
    page = Paginator(found, ENTRIES_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(entry, _changes(entry)) for entry in page.object_list],
        "kept": kept,
        "kinds": KINDS,
        "doors": [(door.value, door.label) for door in Door],
    }
    return render(request, "console/audit_log.html", context)


def _changes(entry: AuditEntry) -> list[tuple[str, str, str]]:
    """Return what an act changed: its name, from and to."""
    names = dict.fromkeys([*entry.before, *entry.after])
    return [
        (name.replace("_", " "), _shown(entry.before.get(name)), _shown(entry.after.get(name)))
        for name in names
    ]


def _shown(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_shown(each)}" for name, each in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)
