"""The table of who may look at an address and who may act there; what has no row is refused.

A row's address is the route as Django's list of addresses has it, with all its parts.
"""

from dataclasses import dataclass

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS

from server.roles import Role

ADMIN = "console/admin/"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may come to an address.

    Attributes:
        look: the least role that may see it.
        act: the least role that may change something there; None for whoever may look.
        public: whether everybody may look where reports are public (COVERLIFT_PUBLIC_REPORTS).
    """

    look: Role
    act: Role | None = None
    public: bool = False

    def least(self, method: str) -> Role:
        """Return the least role that may send a request of this method."""
        if method in SAFE_METHODS:
            opened = self.public and settings.PUBLIC_REPORTS
            return Role.ANYONE if opened else self.look
        return self.look if self.act is None else self.act


OPEN = Rule(Role.ANYONE)
OWN = Rule(Role.VIEWER_OF_REPORTS)
RESULTS = Rule(Role.VIEWER_OF_REPORTS, public=True)
NUMBERS = Rule(Role.ANALYST, public=True)
JUDGING = PROGRAMS = Rule(Role.ANALYST)
CONSOLE = Rule(Role.OPERATOR)
ADMINISTRATION = Rule(Role.ADMINISTRATOR)

TABLE: dict[str, Rule] = {
    # Viewers, and probes of the machines around.
    "": OPEN,
    "feed/<slug:slug>/": OPEN,
    "watch/<slug:slug>/": OPEN,
    "watch/<slug:slug>/storyboard.vtt": OPEN,
    "watch/<slug:slug>/<int:width>/<int:second>.jpg": OPEN,
    "media/<path:path>": OPEN,
    "healthz": OPEN,
    "readyz": OPEN,
    "metrics": OPEN,  # but for what comes through the proxy
    # Results.
    "dashboards/": RESULTS,
    "dashboards/archives/": JUDGING,
    "dashboards/decisions/": RESULTS,
    "dashboards/decisions.csv": RESULTS,
    "dashboards/<slug:slug>/": RESULTS,
    "dashboards/<slug:slug>/thumbnails/": RESULTS,
    "dashboards/<slug:slug>/export.html": RESULTS,
    "dashboards/<slug:slug>/report.csv": RESULTS,
    "dashboards/<slug:slug>/counts.parquet": RESULTS,
    "dashboards/<slug:slug>/charts/lifts.csv": RESULTS,
    "dashboards/<slug:slug>/charts/<slug:name>.csv": RESULTS,
    "dashboards/<slug:slug>/videos/": RESULTS,
    "dashboards/<slug:slug>/videos.csv": RESULTS,
    "dashboards/<slug:slug>/map.csv": RESULTS,
    "annotate/": JUDGING,
    "annotate/agreement/": JUDGING,
    "annotate/choices/": JUDGING,
    "annotate/choices.<slug:form>": JUDGING,
    "annotate/<int:pk>/": JUDGING,
    # The console.
    "console/login/": OPEN,
    "console/logout/": OPEN,
    "console/first/": OPEN,  # by a printed link, once
    "console/password/<uidb64>/<token>/": OPEN,  # by a link that works once
    "console/account/": OWN,
    "console/people/": ADMINISTRATION,
    "console/people/<int:pk>/": ADMINISTRATION,
    "console/": CONSOLE,
    "console/audit/": CONSOLE,
    "console/experiments/": CONSOLE,
    "console/experiments/new/": CONSOLE,
    "console/experiments/<slug:slug>/": CONSOLE,
    "console/experiments/<slug:slug>/copy/": CONSOLE,
    "console/experiments/<slug:slug>/delete/": CONSOLE,
    "console/experiments/<slug:slug>/log/": CONSOLE,
    "console/experiments/<slug:slug>/decide/": CONSOLE,
    "console/experiments/<slug:slug>/decide/map/": CONSOLE,
    "console/experiments/<slug:slug>/fairness/": CONSOLE,
    "console/experiments/<slug:slug>/forecast/": CONSOLE,
    "console/experiments/<slug:slug>/edit/<slug:name>/": CONSOLE,
    "console/status/": CONSOLE,
    "console/experiments/<slug:slug>/trial/": CONSOLE,
    "console/experiments/<slug:slug>/trial/groups/": CONSOLE,
    "console/experiments/<slug:slug>/trial/mark/": CONSOLE,
    "console/videos/<slug:slug>/creatives/": CONSOLE,
    "console/videos/<slug:slug>/creatives/rows/": CONSOLE,
    "console/videos/<slug:slug>/creatives/remove/": CONSOLE,
    "console/keys/": PROGRAMS,
    "console/keys/<int:pk>/revoke/": PROGRAMS,
    "console/webhooks/": CONSOLE,
    "console/webhooks/<int:pk>/": CONSOLE,
    "console/webhooks/messages/<uuid:key>/": CONSOLE,
    "console/making/": CONSOLE,
    "console/making/act/": CONSOLE,
    "console/making/part/": CONSOLE,
    "console/videos/": CONSOLE,
    "console/video-acts/": CONSOLE,
    "console/videos/<slug:slug>/": CONSOLE,
    "console/videos/<slug:slug>/state/": CONSOLE,
    "console/videos/<slug:slug>/describe/": CONSOLE,
    "console/videos/<slug:slug>/pick/": CONSOLE,
    "console/videos/<slug:slug>/retry/": CONSOLE,
    "console/deletion/": CONSOLE,
    "console/uploads/": CONSOLE,
    "console/uploads/arrivals/": CONSOLE,
    "console/uploads/server/": CONSOLE,
    "console/uploads/pieces/": CONSOLE,
    "console/uploads/pieces/<uuid:key>/": CONSOLE,
    "console/admin/login/": OPEN,
    "console/admin/logout/": OPEN,
    # Pages, here and of other sites, which their keys let in.
    "api/feed": OPEN,
    "api/events": OPEN,
    f"{settings.EMBED_PATH}/arms": OPEN,
    f"{settings.EMBED_PATH}/events": OPEN,
    f"{settings.EMBED_PATH}/{settings.EMBED_SCRIPT}": OPEN,
    # Programs.
    "api/v1/reports/<slug:slug>": RESULTS,
    "api/v1/reports/<slug:slug>/videos": RESULTS,
    "api/v1/schema": OPEN,
    "api/v1/docs": OPEN,
    "api/v1/audit": CONSOLE,
    "api/v1/rejections": NUMBERS,
    "api/v1/videos": NUMBERS,
    "api/v1/videos/<str:slug>": Rule(Role.ANALYST, act=Role.OPERATOR, public=True),
    "api/v1/videos/<str:slug>/retry": CONSOLE,
    "api/v1/videos/<str:slug>/pick": CONSOLE,
    "api/v1/videos/<str:slug>/distinguish": CONSOLE,
    "api/v1/videos/<str:slug>/prioritise": CONSOLE,
    "api/v1/making": CONSOLE,
    "api/v1/making/pause": CONSOLE,
    "api/v1/making/resume": CONSOLE,
    "api/v1/making/retry": CONSOLE,
    "api/v1/videos/<str:slug>/creatives": CONSOLE,
    "api/v1/videos/<str:slug>/creatives/<str:name>": CONSOLE,
    "api/v1/webhooks": CONSOLE,
    "api/v1/webhooks/<int:number>": CONSOLE,
    "api/v1/webhooks/<int:number>/try": CONSOLE,
    "api/v1/webhooks/<int:number>/messages": CONSOLE,
    "api/v1/webhooks/<int:number>/messages/<uuid:key>/again": CONSOLE,
    "api/v1/uploads": CONSOLE,
    "api/v1/uploads/<uuid:key>": CONSOLE,
    **{
        f"api/v1/experiments/<slug:slug>/{act}": CONSOLE
        for act in (
            "leave_out_equal",
            "leave_out_shared",
            "mark_as_trial",
            "start",
            "change",
            "drop",
            "add",
            "pause",
            "resume",
            "extend",
            "end",
            "decide",
            "take_back",
        )
    },
    "api/v1/experiments": Rule(Role.ANALYST, act=Role.OPERATOR, public=True),
    "api/v1/experiments/<str:slug>": Rule(Role.ANALYST, act=Role.OPERATOR, public=True),
    "api/v1/experiments/<str:slug>/copy": CONSOLE,
    "api/v1/experiments/<str:slug>/counts": NUMBERS,
    "api/v1/experiments/<str:slug>/equal_arms": NUMBERS,
    "api/v1/experiments/<str:slug>/checklist": NUMBERS,
}


def rule_of(route: str) -> Rule | None:
    """Return the rule of an address; None where it has none.

    Django's admin is one room with one door.
    """
    rule = TABLE.get(route)
    return ADMINISTRATION if rule is None and route.startswith(ADMIN) else rule
