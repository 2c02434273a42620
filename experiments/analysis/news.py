"""News of a report, told to webhooks: a verdict that was reached, and health that turned red."""

from collections.abc import Mapping
from typing import Any

from experiments.analysis.report.verdict import Kind as Verdict
from experiments.models import Experiment, ReportSummary
from experiments.webhooks.kinds import Kind
from experiments.webhooks.outbox import announce

REACHED = (Verdict.WINNER, Verdict.NO_DIFFERENCE)


def tell(experiment: Experiment, before: ReportSummary | None, now: Mapping[str, Any]) -> None:
    """Tell what a summary says for the first time.

    Args:
        experiment: whose report it is.
        before: its summary until now; None where there was none.
        now: the new one's fields.
    """
    verdict = now["verdict"]
    if verdict in REACHED and verdict != (before.verdict if before else ""):
        told = {"verdict": verdict, "sentence": now["sentence"], "headline": now["headline"]}
        announce(Kind.VERDICT_REACHED, experiment.slug, told)
    was_bad = _bad(before.checks) if before else {}
    turned = {name: says for name, says in _bad(now["checks"]).items() if name not in was_bad}
    if turned:
        told = {"checks": [{"name": name, "says": says} for name, says in turned.items()]}
        announce(Kind.HEALTH_RED, experiment.slug, told)


def _bad(checks: list[dict[str, str]]) -> dict[str, str]:
    return {check["name"]: check["says"] for check in checks if check["state"] == "bad"}
