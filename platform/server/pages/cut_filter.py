"""The filter of a report by one slice of a cut, or of two at once; it is kept in the address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from experiments.analysis.cuts.kinds import AND
from experiments.analysis.report.cut_sentences import not_together, only
from experiments.analysis.report.cuts import CutResult, Cuts, CutSlice
from experiments.analysis.report.record import Report
from server.pages.cut_slice import SliceCounts

NAMES = ("only", "also")  # only=device:phone&also=position:1-3


@dataclass(frozen=True, slots=True)
class CutFilter:
    """Slices to choose from, and the chosen ones.

    Attributes:
        choices: by cut, in words: the value in the address, and the slice in words.
        only, also: the values; empty where nothing is filtered.
        said: what the filter leaves; why it is ignored where it names no slice; else empty.
        part: the slice that is left, and `csv` the chart that holds its cut.
        counts: of the slice by day and by step of the funnel, where these are kept.
    """

    choices: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    only: str = ""
    also: str = ""
    said: str = ""
    part: CutSlice | None = None
    csv: str = ""
    counts: SliceCounts | None = None

    @classmethod
    def of(cls, report: Report, address: Mapping[str, str]) -> Self | None:
        """Return the filter of an address; None before the cuts were computed."""
        cuts = report.cuts
        if cuts is None:
            return None
        choices = tuple(
            (cut.title, tuple((f"{cut.name}:{part.name}", part.said) for part in cut.slices))
            for cut in cuts.cuts
        )
        chosen, besides = (address.get(name, "") for name in NAMES)
        given = [value for value in dict.fromkeys((chosen, besides)) if value]
        if not given:
            return cls(choices)
        known = {value for _, slices in choices for value, _ in slices}
        unknown = [value for value in given if value not in known]
        if unknown:
            said = f"No view is of {unknown[0]!r}: choose one of the list."
            return cls(choices, chosen, besides, said)
        found = _found(cuts, given)
        if found is None:
            said = not_together([pair.title for pair in cuts.pairs])
            return cls(choices, chosen, besides, said)
        cut, part = found
        return cls(
            choices,
            chosen,
            besides,
            only(cuts, cut, part),
            part,
            f"cut-{cut.name}",
            SliceCounts.of(report, cut.name, part.name),
        )


def _found(cuts: Cuts, given: list[str]) -> tuple[CutResult, CutSlice] | None:
    """Return the slice of one cut, or that of two at once; None where these are not kept."""
    wanted = {_joined(given), _joined(given[::-1])}
    for cut in (*cuts.cuts, *cuts.pairs):
        for part in cut.slices:
            if (cut.name, part.name) in wanted:
                return cut, part
    return None


def _joined(given: list[str]) -> tuple[str, str]:
    names = [value.partition(":") for value in given]
    return AND.join(name for name, _, _ in names), AND.join(part for _, _, part in names)
