"""The report's words as filters, with spaces that do not break inside a figure."""

import re
from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.timesince import timesince

from experiments.analysis import site_days
from experiments.analysis.report import formatting, sentences
from experiments.analysis.report.record import ArmRow, MetricArm, MetricResult
from experiments.analysis.stats.records import LEVEL
from experiments.analysis.stats.results import SAME_IN_EVERY_VIDEO, Estimate
from experiments.analysis.videos.record import VideoArm
from experiments.metrics import Quantity

register = template.Library()
FIGURE = re.compile(r"p [=<] [\d.e-]+|[+-]?[\d.]+ (?:to [+-]?[\d.]+ )?%")
NO_BREAK = "\N{NO-BREAK SPACE}"


@register.filter
def percent(share: float, digits: int = 2) -> str:
    """Return a share as a percentage."""
    return _kept(formatting.percent(share, digits))


@register.filter
def signed_percent(share: float) -> str:
    """Return an improvement as a percentage with its sign."""
    return _kept(formatting.signed_percent(share))


@register.filter
def interval(estimate: Estimate) -> str:
    """Return the ends of an interval of a rate."""
    return _kept(formatting.interval(estimate))


@register.filter
def amount(value: float, quantity: Quantity) -> str:
    """Return a metric's mean with its unit."""
    return _kept(formatting.amount(value, quantity))


@register.filter
def amounts(estimate: Estimate, quantity: Quantity) -> str:
    """Return the ends of an interval of a metric's mean."""
    return _kept(formatting.amounts(estimate, quantity))


@register.filter
def signed_interval(estimate: Estimate) -> str:
    """Return the ends of an interval of an improvement."""
    return _kept(formatting.interval(estimate, 1, signed=True))


@register.filter
def credible(lift: VideoArm) -> str:
    """Return the limits of one video's lift."""
    limits = Estimate(lift.lift, lift.low, lift.high, LEVEL)
    return _kept(formatting.interval(limits, 1, signed=True))


@register.filter
def p_value(p: float) -> str:
    """Return a p-value for a table: without its equals sign."""
    return _kept(formatting.p_value(p).removeprefix("= "))


@register.filter
def p_value_of(p: float, change: Estimate) -> str:
    """Return a change's p-value for a table, or that there is nothing to test."""
    return _kept(formatting.p_value_of(p, change))


@register.filter
def why_undefined(estimate: Estimate) -> str:
    """Return why an interval is not defined, where the table does not say it itself."""
    return "" if estimate.reason == SAME_IN_EVERY_VIDEO else estimate.reason


@register.filter
def mean(value: float) -> str:
    """Return a mean count."""
    return _kept(formatting.mean(value))


@register.filter
def whole(number: int) -> str:
    """Return a count with its thousands set apart."""
    return formatting.whole(number)


@register.filter
def clicks(number: float) -> str:
    """Return a gain in clicks, with its sign and its thousands set apart."""
    return f"{number:+,.0f}"


@register.filter
def reasons(arm: ArmRow) -> list[tuple[str, str]]:
    """Return why figures of an arm are undefined."""
    return sentences.reasons(arm)


@register.filter
def about_metric(metric: MetricResult) -> str:
    """Return what a metric's figures are."""
    return sentences.about_metric(metric)


@register.filter
def kept(line: MetricArm) -> str:
    """Return whether an arm keeps a guardrail."""
    return sentences.kept(line)


@register.filter
def clock(seconds: float | None) -> str:
    """Return a duration as a video site shows it: "0:33", "1:02:07"; empty where unknown."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def age(when: datetime | None) -> str:
    """Return how long ago something was, in its greatest unit: "3 weeks ago"; empty where unknown.

    What is younger than a minute is "new", and what lies ahead: another clock may have set it.
    """
    if when is None:
        return ""
    ago = timezone.now() - when
    return f"{timesince(when, depth=1)} ago" if ago >= timedelta(minutes=1) else "new"


@register.filter
def seconds(starts_s: list[float]) -> str:
    """Return moments of a video: "3.2, 14.0 and 27.5 s"."""
    if not starts_s:
        return ""
    said = [f"{start:.1f}" for start in starts_s]
    return f"{' and '.join([', '.join(said[:-1]), said[-1]] if said[1:] else said)} s"


@register.filter
def moment(start_s: float) -> str:
    """Return one moment of a video: "3.2 s", and where players show it: "12250.0 s (3:24:10)"."""
    shown_s, said = round(start_s, 1), seconds([start_s])
    return said if shown_s < 60 else f"{said} ({clock(int(shown_s))})"


@register.filter
def site_minute(when: datetime) -> str:
    """Return a moment by the site's clocks, with their zone."""
    return _kept(site_days.site_minute(when))


@register.filter
def site_date(when: datetime) -> str:
    """Return the day of a moment by the site's clocks."""
    return site_days.site_date(when)


@register.filter
def unbroken(sentence: str) -> str:
    """Keep figures of a sentence, such as "37.5 %" and "p < 0.0001", on one line each."""
    return FIGURE.sub(lambda found: _kept(found[0]), sentence)


def _kept(text: str) -> str:
    return text.replace(" ", NO_BREAK)
