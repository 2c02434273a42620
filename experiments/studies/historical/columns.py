"""The columns of a file of counts: named, or known by their usual names."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from experiments.errors import CountsError

USUAL = {
    "test": ("test", "test_id", "experiment", "experiment_id", "clickability_test_id"),
    "arm": ("arm", "arm_id", "variant", "variant_id", "variation", "package", "thumbnail"),
    "impressions": ("impressions", "views", "pv", "page_views"),
    "clicks": ("clicks",),
    "date": ("date", "day", "created_at", "started_at", "week", "test_week"),
    "weight": ("weight",),
}
USUAL_CREATIVE = ("creative", "creative_id")
# The Upworthy Research Archive: a row is an arm without a name, shown as headline and image.
UPWORTHY = "clickability_test_id"
UPWORTHY_CREATIVE = ("headline", "eyecatcher_id")
REQUIRED = ("test", "impressions", "clicks")


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of a file's columns; empty for what it does not have.

    With `row_is_arm` each row is an arm of its own. `creative` columns together say what was shown.
    """

    test: str = ""
    arm: str = ""
    impressions: str = ""
    clicks: str = ""
    date: str = ""
    weight: str = ""
    creative: tuple[str, ...] = ()
    row_is_arm: bool = False

    @property
    def used(self) -> list[str]:
        """All names, each once."""
        single = [getattr(self, role) for role in USUAL]
        return list(dict.fromkeys(name for name in (*single, *self.creative) if name))


def detect(names: Sequence[str], given: Columns) -> Columns:
    """Complete the columns given with those known by their names.

    Raises:
        CountsError: where a column given is not in the file, or a needed one is not found.
    """
    found = guess(names, given)
    _check_needed(names, found)
    return found


def guess(names: Sequence[str], given: Columns) -> Columns:
    """Do the same where a needed column may be missing, for a person to name it.

    Raises:
        CountsError: where a column given is not in the file.
    """
    _check_names(names, given)
    by_name = {name.strip().lower(): name for name in reversed(names)}
    found = Columns(
        test=given.test or _usual("test", by_name),
        arm=given.arm or _usual("arm", by_name),
        impressions=given.impressions or _usual("impressions", by_name),
        clicks=given.clicks or _usual("clicks", by_name),
        date=given.date or _usual("date", by_name),
        weight=given.weight or _usual("weight", by_name),
        creative=given.creative or _creative(by_name),
    )
    if given.row_is_arm or (not found.arm and UPWORTHY in by_name):
        found = replace(found, arm="", row_is_arm=True)
    return found


def _usual(role: str, by_name: Mapping[str, str]) -> str:
    return next((by_name[name] for name in USUAL[role] if name in by_name), "")


def _check_names(names: Sequence[str], given: Columns) -> None:
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise CountsError(f"two columns are called {twice[0]!r}, must be told apart by their names")
    absent = [name for name in given.used if name not in names]
    if absent:
        raise CountsError(f"column == {absent[0]!r}, must be one of {', '.join(names)}")


def _check_needed(names: Sequence[str], found: Columns) -> None:
    missing = [role for role in REQUIRED if not getattr(found, role)]
    if missing:
        raise CountsError(
            f"no column is known as {' or '.join(missing)} among {', '.join(names)}: "
            f"name it by --{missing[0]}"
        )
    if not found.arm and not found.row_is_arm:
        raise CountsError(
            f"no column is known as arm among {', '.join(names)}: name it by --arm, or say by "
            "--row-is-arm that each row is an arm of its own"
        )


def _creative(by_name: Mapping[str, str]) -> tuple[str, ...]:
    usual = UPWORTHY_CREATIVE if UPWORTHY in by_name else USUAL_CREATIVE
    return tuple(by_name[name] for name in usual if name in by_name)
