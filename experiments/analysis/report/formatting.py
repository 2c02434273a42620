"""Numbers as text, one way for text, pages and charts; what is nan is said to be undefined."""

from math import isinf, isnan

from experiments.analysis.stats.results import Estimate

UNDEFINED = "not defined"


def percent(share: float, digits: int = 2) -> str:
    """Return 0.0729 as "7.29 %"."""
    return UNDEFINED if isnan(share) else f"{100 * share:.{digits}f} %"


def signed_percent(share: float, digits: int = 1) -> str:
    """Return 0.375 as "+37.5 %"."""
    return UNDEFINED if isnan(share) else f"{100 * share:+.{digits}f} %"


def interval(estimate: Estimate, digits: int = 2, *, signed: bool = False) -> str:
    """Return the ends of an interval of shares, as "7.25 to 7.33 %"."""
    if isnan(estimate.low) or isnan(estimate.high):
        return UNDEFINED
    sign = "+" if signed else ""
    low, high = (f"{100 * end:{sign}.{digits}f}" for end in (estimate.low, estimate.high))
    return f"{low} % and above" if isinf(estimate.high) else f"{low} to {high} %"


def p_value(p: float) -> str:
    """Return a p-value with two significant digits, as "= 0.012" or "< 0.0001"."""
    if isnan(p):
        return UNDEFINED
    return "< 0.0001" if p < 0.0001 else f"= {p:.2g}" if p < 0.1 else f"= {p:.2f}"


def mean(value: float) -> str:
    """Return a mean count with one decimal, as the paper does: "3547.0"."""
    return UNDEFINED if isnan(value) else f"{value:,.1f}"


def whole(number: int) -> str:
    """Return a count with thousands set apart: "105,503,000"."""
    return f"{number:,}"
