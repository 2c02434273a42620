"""What simulated viewers report fits what they were shown, and clicks follow the model."""

from collections import Counter

import pytest

from experiments.studies.simulation.click_model import ClickModel, draw_population
from experiments.studies.simulation.visits import Audience, Shown

VIDEOS = {f"v{number}": number for number in range(10)}
PLACES = 12


@pytest.fixture(scope="module")
def audience() -> Audience:
    model = ClickModel(rates=(0.1, 0.3), position_slope=0.0)
    return Audience(draw_population(model, len(VIDEOS), 2000, range(PLACES), 1), VIDEOS, 1)


def page(viewer: int) -> list[Shown]:
    """A page on which two places in twelve are no data."""
    return [
        Shown(f"{viewer}-{number}", video, number % 2, number + 2, moves=number % 2 == 1)
        for video, number in VIDEOS.items()
    ]


def test_each_report_is_of_something_shown_and_in_its_order(audience: Audience) -> None:
    done = audience.visit(5, PLACES, page(5))
    steps: dict[str, list[str]] = {}
    for event in done.events:
        steps.setdefault(event["token"], []).append(event["step"])
    assert len(steps) == len(VIDEOS)
    for number in range(len(VIDEOS)):
        found = steps[f"5-{number}"]
        if found == ["served"]:
            continue
        moves = ["animated"] if number % 2 else []
        assert found[: 3 + len(moves)] == ["served", "loaded", "viewable", *moves]
        assert found[3 + len(moves) :] in ([], ["click"])


def test_the_first_places_are_seen_and_the_same_viewer_does_the_same(audience: Audience) -> None:
    depths = Counter(
        len(audience.visit(viewer, PLACES, page(viewer)).views) for viewer in range(50)
    )
    assert len(depths) > 3
    done = audience.visit(7, PLACES, page(7))
    assert list(done.views) == [
        (video, number % 2) for video, number in list(VIDEOS.items())[: len(done.views)]
    ]
    assert done == audience.visit(7, PLACES, page(7))


def test_clicks_come_at_the_arms_rates_and_some_reports_twice(audience: Audience) -> None:
    views, clicks, twice = Counter[int](), Counter[int](), 0
    for viewer in range(2000):
        done = audience.visit(viewer, PLACES, page(viewer))
        for (_, arm), count in done.views.items():
            views[arm] += count
        for (_, arm), count in done.clicks.items():
            clicks[arm] += count
        twice += done.is_sent_twice
    assert clicks[0] / views[0] == pytest.approx(0.1, abs=0.04)
    assert clicks[1] / views[1] == pytest.approx(0.3, abs=0.08)
    assert twice / 2000 == pytest.approx(0.05, abs=0.02)


def test_a_page_without_data_is_left_alone(audience: Audience) -> None:
    assert audience.visit(1, 4, []).events == []
