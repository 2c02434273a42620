"""The page of the site's state: what a dashboard of figures says, in words."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from experiments.models import WorkTime
from server import __version__
from server.watching import findings


def status(request: HttpRequest) -> HttpResponse:
    """Show what was looked at, the bad first, and how long the work in the background takes."""
    looked_at = sorted(findings(), key=lambda finding: not finding.is_bad)
    works = WorkTime.objects.order_by("-kind", "name")
    context = {
        "version": __version__,
        "findings": looked_at,
        "bad": sum(finding.is_bad for finding in looked_at),
        "works": [(each, each.seconds / each.runs) for each in works if each.runs],
    }
    return render(request, "console/status.html", context)
