"""Columns named, and columns known by their usual names."""

import pytest

from experiments.errors import CountsError
from experiments.studies.historical.columns import Columns, detect


def test_usual_names_are_known_in_any_case() -> None:
    found = detect(["Experiment_ID", "Variant", "Views", "Clicks", "Day", "note"], Columns())
    assert found == Columns("Experiment_ID", "Variant", "Views", "Clicks", "Day")
    assert found.used == ["Experiment_ID", "Variant", "Views", "Clicks", "Day"]


def test_a_name_given_goes_before_a_usual_one() -> None:
    names = ["test", "arm", "impressions", "clicks", "unique_views", "picture", "title"]
    given = Columns(impressions="unique_views", creative=("picture", "title"))
    found = detect(names, given)
    assert (found.impressions, found.creative) == ("unique_views", ("picture", "title"))


def test_the_upworthy_archive_has_rows_for_arms() -> None:
    names = ["", "created_at", "clickability_test_id", "headline", "eyecatcher_id", "impressions",
             "clicks", "test_week"]  # fmt: skip
    found = detect(names, Columns())
    assert found.row_is_arm
    assert found.creative == ("headline", "eyecatcher_id")
    assert found.date == "created_at"


@pytest.mark.parametrize(
    ("names", "given", "message"),
    [
        (["test", "arm", "clicks"], Columns(), "no column is known as impressions"),
        (["test", "impressions", "clicks"], Columns(), "name it by --arm, or say by --row-is-arm"),
        (["test", "arm"], Columns(clicks="clix"), "column == 'clix', must be one of test, arm"),
        (["test", "test", "arm"], Columns(), "two columns are called 'test'"),
    ],
)
def test_what_cannot_be_told_is_refused(names: list[str], given: Columns, message: str) -> None:
    with pytest.raises(CountsError, match=message):
        detect(names, given)


def test_rows_can_be_said_to_be_arms() -> None:
    names = ["test", "arm", "impressions", "clicks"]
    assert detect(names, Columns(row_is_arm=True)).arm == ""
