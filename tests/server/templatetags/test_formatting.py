"""The filters of the templates."""

from datetime import timedelta

import pytest
from django.utils import timezone

from server.templatetags import formatting

NO_BREAK = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(minutes=3, seconds=20), "3\N{NO-BREAK SPACE}minutes ago"),
        (timedelta(days=15), "2\N{NO-BREAK SPACE}weeks ago"),
        (timedelta(days=800), "2\N{NO-BREAK SPACE}years ago"),
        (timedelta(seconds=30), "new"),
        (timedelta(days=-1), "new"),
    ],
)
def test_age_is_told_in_its_greatest_unit(ago: timedelta, said: str) -> None:
    assert formatting.age(timezone.now() - ago) == said


def test_an_age_that_is_not_known_is_not_told() -> None:
    assert formatting.age(None) == ""


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(None, ""), (0.4, "0:00"), (33.2, "0:33"), (59.6, "1:00"), (600, "10:00"), (3727, "1:02:07")],
)
def test_durations_look_as_on_a_video_site(seconds: float | None, shown: str) -> None:
    assert formatting.clock(seconds) == shown


@pytest.mark.parametrize(
    ("starts_s", "said"),
    [
        ([], ""),
        ([4], "4.0 s"),
        ([3.2, 14], "3.2 and 14.0 s"),
        ([3, 14, 27.5], "3.0, 14.0 and 27.5 s"),
    ],
)
def test_moments_are_listed(starts_s: list[float], said: str) -> None:
    assert formatting.seconds(starts_s) == said


@pytest.mark.parametrize(
    ("start_s", "said"),
    [
        (0.0, "0.0 s"),
        (59.9, "59.9 s"),
        (60.0, "60.0 s (1:00)"),
        (59.97, "60.0 s (1:00)"),
        (74.94, "74.9 s (1:14)"),
        (74.96, "75.0 s (1:15)"),
        (12250.0, "12250.0 s (3:24:10)"),
    ],
)
def test_long_films_name_a_moment_as_players_do_too(start_s: float, said: str) -> None:
    assert formatting.moment(start_s) == said


def test_a_figure_stays_on_one_line_and_the_sentence_does_not() -> None:
    said = formatting.unbroken(
        "It lifts mCTR by 37.5 % (95 % interval +34.9 to +40.9 %); p < 0.0001."
    )
    assert said.replace(NO_BREAK, "_") == (
        "It lifts mCTR by 37.5_% (95_% interval +34.9_to_+40.9_%); p_<_0.0001."
    )


def test_a_table_shows_a_p_value_without_its_equals_sign() -> None:
    assert formatting.p_value(0.04) == "0.04"
    assert formatting.p_value(1e-9) == f"<{NO_BREAK}0.0001"
