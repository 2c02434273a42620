"""Numbers as text, one way for text, pages and charts; what is nan is said to be undefined."""

from math import isinf, isnan

from experiments.analysis.stats.results import SAME_IN_EVERY_VIDEO, Estimate
from experiments.metrics import Quantity

UNDEFINED = "not defined"
NOTHING_TO_TEST = "nothing to test"
UNITS = {Quantity.SHARE: "%", Quantity.SECONDS: "s", Quantity.BYTES: "kB"}
BYTES_PER_KB = 1000


def percent(share: float, digits: int = 2) -> str:
    """Return 0.0729 as "7.29 %"."""
    return UNDEFINED if isnan(share) else f"{100 * share:.{digits}f} %"


def signed_percent(share: float, digits: int = 1) -> str:
    """Return 0.375 as "+37.5 %"."""
    return UNDEFINED if isnan(share) else f"{100 * share:+.{digits}f} %"


def interval(estimate: Estimate, digits: int = 2, *, signed: bool = False) -> str:
    """Return the ends of an interval of shares, as "7.25 to 7.33 %"."""
    if isnan(estimate.low) or isnan(estimate.high):
        return _no_interval(estimate)
    sign = "+" if signed else ""
    low, high = (f"{100 * end:{sign}.{digits}f}" for end in (estimate.low, estimate.high))
    return f"{low} % and above" if isinf(estimate.high) else f"{low} to {high} %"


def _no_interval(estimate: Estimate) -> str:
    return estimate.reason if estimate.reason == SAME_IN_EVERY_VIDEO else UNDEFINED


def p_value(p: float) -> str:
    """Return a p-value with two significant digits, as "= 0.012" or "< 0.0001"."""
    if isnan(p):
        return UNDEFINED
    return "< 0.0001" if p < 0.0001 else f"= {p:.2g}" if p < 0.1 else f"= {p:.2f}"


def p_value_of(p: float, change: Estimate) -> str:
    """Return a change's p-value for a table: without its equals sign, or why there is none."""
    nothing = isnan(p) and change.reason == SAME_IN_EVERY_VIDEO
    return NOTHING_TO_TEST if nothing else p_value(p).removeprefix("= ")


def mean(value: float) -> str:
    """Return a mean count with one decimal, as the paper does: "3547.0"."""
    return UNDEFINED if isnan(value) else f"{value:,.1f}"


def whole(number: int) -> str:
    """Return a count with thousands set apart: "105,503,000"."""
    return f"{number:,}"


def amount(value: float, quantity: Quantity) -> str:
    """Return a metric's mean: "7.29 %", "12.3 s" or "48 kB"."""
    return UNDEFINED if isnan(value) else f"{_number(value, quantity)} {UNITS[quantity]}"


def amounts(estimate: Estimate, quantity: Quantity) -> str:
    """Return the ends of an interval of a metric's mean, as "7.25 to 7.33 %"."""
    if isnan(estimate.low) or isnan(estimate.high):
        return _no_interval(estimate)
    low, high = (_number(end, quantity) for end in (estimate.low, estimate.high))
    return f"{low} to {high} {UNITS[quantity]}"


def _number(value: float, quantity: Quantity) -> str:
    if quantity is Quantity.SHARE:
        return f"{100 * value:.2f}"
    return f"{value:,.2f}" if quantity is Quantity.SECONDS else f"{value / BYTES_PER_KB:,.1f}"
