"""The finding of one check."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's outcome.

    Attributes:
        name: what was checked.
        passed: whether it is as it must be; None of a speed, which only is.
        figure: what was measured, in words.
    """

    name: str
    passed: bool | None
    figure: str

    def __str__(self) -> str:
        verdict = {True: "pass", False: "FAIL", None: "    "}[self.passed]
        return f"{verdict}  {self.name}: {self.figure}"
