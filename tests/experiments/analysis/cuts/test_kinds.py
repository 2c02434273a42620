"""Each view is in one slice of each cut, by what was settled before its arm was."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from experiments.analysis.cuts.kinds import CUTS, local_days_and_hours
from experiments.analysis.cuts.views import Views
from experiments.events.keys import Device, impression_id, ms_of, pack_context

KINDS = {cut.name: cut for cut in CUTS}
BERLIN = ZoneInfo("Europe/Berlin")


def key_at(*when: int) -> int:
    year, month, day, hour, minute = (*when, 0, 0)[:5]
    return impression_id(ms_of(datetime(year, month, day, hour, minute, tzinfo=UTC)), 0, 0)


def views_at(keys: list[int], viewers: list[int], contexts: list[int]) -> Views:
    nothing = np.zeros(len(keys), np.int64)
    return Views(
        np.array(viewers), np.array(keys), nothing, nothing, np.array(contexts), nothing > 0
    )


def names_of(cut: str, found: Views, zone: ZoneInfo = BERLIN) -> list[str]:
    kind = KINDS[cut]
    return [kind.slices[place].name for place in kind.place(found, zone)]


def test_hours_and_days_are_those_of_the_sites_clocks() -> None:
    """Berlin's clocks went back on 2026-10-25, and Kathmandu's differ by 5 h 45 min."""
    keys = np.array([key_at(2026, 10, 24, 22, 30), key_at(2026, 10, 25, 23, 30)])
    days, hours = local_days_and_hours(keys, BERLIN)
    assert hours.tolist() == [0, 0]
    assert days.tolist() == [datetime(2026, 10, day).toordinal() for day in (25, 26)]  # noqa: DTZ001
    assert local_days_and_hours(keys, ZoneInfo("Asia/Kathmandu"))[1].tolist() == [4, 5]


def test_views_are_numbered_by_viewer_and_new_on_the_viewers_first_day() -> None:
    late, midnight = key_at(2026, 10, 3, 21, 59), key_at(2026, 10, 3, 22, 1)
    found = views_at([late, late + 8, midnight, midnight], [0, 0, 0, 1], [0] * 4)
    assert found.number.tolist() == [1, 2, 3, 1]
    assert names_of("number", found) == ["1", "2-3", "2-3", "1"]
    assert names_of("viewers", found) == ["new", "new", "returning", "new"]
    assert names_of("viewers", found, ZoneInfo("UTC")) == ["new"] * 4


def test_places_and_devices_are_those_of_the_context() -> None:
    contexts = [pack_context(position, Device.PHONE, 0) for position in (0, 2, 3, 9, 10, 30, 400)]
    found = views_at([key_at(2026, 10, 3)] * 7, list(range(7)), contexts)
    assert names_of("position", found) == ["1-3", "1-3", "4-10", "4-10", "11-30", "31-", "31-"]
    assert names_of("device", found) == ["phone"] * 7


@pytest.mark.parametrize("cut", CUTS)
def test_slices_have_names_of_their_own(cut: object) -> None:
    names = [part.name for part in getattr(cut, "slices")]  # noqa: B009
    assert len(set(names)) == len(names)
