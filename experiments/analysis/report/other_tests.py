"""Other tests of the same comparisons, beside the one that decides."""

from experiments.analysis.report import variance_reduction
from experiments.analysis.report.formatting import p_value
from experiments.analysis.report.record import Report
from experiments.analysis.stats.robustness import RobustnessChecks


def other_tests(report: Report) -> list[str]:
    """Return a sentence for each arm of which other tests say something."""
    found = [_said(line) for line in report.robustness if not line.reason]
    return found + variance_reduction.said(report.variance_reduction)


def _said(line: RobustnessChecks) -> str:
    return (
        f"Other tests of {line.arm}, which decide nothing: Mantel-Haenszel p "
        f"{p_value(line.cmh_p_value)}, signed ranks p {p_value(line.wilcoxon_p_value)}, clicks "
        f"dealt anew within each video p {p_value(line.permutation_p_value)}."
    )
