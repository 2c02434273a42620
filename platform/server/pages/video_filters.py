"""The filter of the page of videos: what is looked for, shown and sorted, kept in the address."""

from collections.abc import Callable, Iterable
from math import isnan

from django import forms
from django.http import QueryDict

from experiments.analysis.videos.record import Standing, VideoArm, VideoReport, VideoRow

Key = Callable[[VideoRow, VideoArm], float]
ALL = "all"
SHOWN = {
    ALL: "All videos",
    "winners": "Better in the arm",
    "losers": "Worse in the arm",
    "unclear": "Not clear",
}
STANDINGS = {
    "winners": Standing.BETTER, "losers": Standing.WORSE, "unclear": Standing.UNCLEAR,
}  # fmt: skip
# Each with its words, and what is smallest in the first row.
SORTED: dict[str, tuple[str, Key]] = {
    "surest": ("Surest first", lambda _, arm: -max(arm.better, arm.worse)),
    "best": ("Highest lift", lambda _, arm: -arm.lift),
    "worst": ("Lowest lift", lambda _, arm: arm.lift),
    "raw": ("Highest raw lift", lambda _, arm: -arm.raw),
    "gain": ("Most clicks to gain", lambda row, _: -row.gained),
    "views": ("Most views", lambda row, _: -sum(arm.views for arm in row.arms)),
}


class VideoFilter(forms.Form):
    """What a reader asks for; whatever is not understood is said beside its field."""

    q = forms.CharField(label="Title or slug", required=False, max_length=200)
    arm = forms.ChoiceField(label="Arm", required=False)
    show = forms.ChoiceField(label="Show", required=False, choices=list(SHOWN.items()))
    sort = forms.ChoiceField(
        label="Sort", required=False, choices=[(key, words) for key, (words, _) in SORTED.items()]
    )

    def __init__(self, asked: QueryDict, report: VideoReport) -> None:
        """Take the address's query; the arms are those of the report."""
        arms = [arm.arm for arm in report.summaries]
        defaults = {"arm": arms[-1], "show": ALL, "sort": next(iter(SORTED))}
        known = {name: asked.get(name) or defaults.get(name, "") for name in self.base_fields}
        super().__init__(known)
        self.fields["arm"].choices = [(arm, arm) for arm in arms]  # type: ignore[attr-defined]
        self.is_valid()
        self._chosen: dict[str, str] = defaults | {k: v for k, v in self.cleaned_data.items() if v}

        self._place = list(report.selectors).index(self._chosen["arm"])  # among a video's arms

    @property
    def arm_name(self) -> str:
        """The arm whose lifts are looked at."""
        return self._chosen["arm"]

    def of(self, videos: Iterable[VideoRow]) -> list[tuple[VideoRow, VideoArm]]:
        """Return the videos asked for, sorted, each with the arm looked at."""
        key = SORTED[self._chosen["sort"]][1]
        found = [(row, arm) for row in videos if self._asked(row, arm := self._arm_of(row))]
        return sorted(found, key=lambda pair: _nan_last(key(*pair)))

    def surest(
        self, videos: Iterable[VideoRow], standing: Standing, number: int
    ) -> list[tuple[VideoRow, VideoArm]]:
        """Return the videos with the surest lifts of one sign, whatever else is asked for."""
        found = [(row, arm) for row in videos if (arm := self._arm_of(row)).standing is standing]
        return sorted(found, key=lambda pair: -max(pair[1].better, pair[1].worse))[:number]

    def _asked(self, row: VideoRow, arm: VideoArm) -> bool:
        words, show = self._chosen.get("q", "").casefold(), self._chosen["show"]
        named = words in row.title.casefold() or words in row.slug
        return named and (show == ALL or arm.standing is STANDINGS[show])

    def _arm_of(self, row: VideoRow) -> VideoArm:
        return row.arms[self._place]


def _nan_last(value: float) -> tuple[bool, float]:
    return isnan(value), value
