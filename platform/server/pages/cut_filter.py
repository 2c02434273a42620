"""The filter of a report by one slice of a cut; it is kept in the page's address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from experiments.analysis.report.cut_sentences import only
from experiments.analysis.report.cuts import CutResult, CutSlice
from experiments.analysis.report.record import Report

NAME = "only"  # only=device:phone


@dataclass(frozen=True, slots=True)
class CutFilter:
    """Slices to choose from, and the chosen one.

    Attributes:
        choices: by cut, in words: the value in the address, and the slice in words.
        chosen: the value; empty where nothing is filtered.
        said: what the filter leaves; why it is ignored where it names no slice; else empty.
        part: the chosen slice.
    """

    choices: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    chosen: str = ""
    said: str = ""
    part: CutSlice | None = None

    @classmethod
    def of(cls, report: Report, address: Mapping[str, str]) -> Self | None:
        """Return the filter of an address; None before the cuts were computed."""
        if report.cuts is None:
            return None
        found = {f"{cut.name}:{part.name}": (cut, part) for cut, part in _parts(report)}
        choices = tuple(
            (
                cut.title,
                tuple((f"{cut.name}:{part.name}", part.said) for part in cut.slices),
            )
            for cut in report.cuts.cuts
        )
        chosen = address.get(NAME, "")
        if not chosen:
            return cls(choices)
        if chosen not in found:
            return cls(choices, said=f"No view is of {chosen!r}: choose one of the list.")
        cut, part = found[chosen]
        return cls(choices, chosen, only(report.cuts, cut, part), part)


def _parts(report: Report) -> list[tuple[CutResult, CutSlice]]:
    cuts = report.cuts.cuts if report.cuts else ()
    return [(cut, part) for cut in cuts for part in cut.slices]
