import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from experiments.analysis.stats import audit
from experiments.analysis.stats.audit import BEGIN, END, Entry, main, run, table, write_into
from experiments.analysis.stats.audit_cases import Figures, SequentialSplit


class Often:
    """A test that rejects as often as it is told, refusing every fourth time."""

    figures = ("rejected", "never judged")

    def __init__(self, rate: float) -> None:
        self.rate = rate

    def __call__(self, rng: np.random.Generator) -> Figures:
        refused = rng.random() < 0.25
        return (np.nan if refused else float(rng.random() < self.rate), np.nan)


def rows(rate: float, *, coverage: bool = False) -> list[audit.Row]:
    low, high = (93.5, 96.5) if coverage else (3.5, 6.5)
    entry = Entry("group", "name", Often(rate), 600, low, high, coverage=coverage)
    return list(run([entry], processes=1))


def test_rates_are_counted_over_what_was_judged() -> None:
    rejected, never = rows(0.5)
    assert rejected.rate == pytest.approx(50, abs=7)
    assert rejected.error_low < rejected.rate < rejected.error_high
    assert rejected.refused == pytest.approx(25, abs=6)
    assert not rejected.holds
    assert np.isnan(never.rate)
    assert never.refused == 100
    assert never.holds


def test_coverage_is_what_was_not_missed() -> None:
    covered = rows(0.05, coverage=True)[0]
    assert covered.rate == pytest.approx(95, abs=3)
    assert covered.error_low < covered.rate < covered.error_high


def test_the_table_says_what_is_out_of_range() -> None:
    text = table(rows(0.5) + rows(0.05, coverage=True))
    lines = text.splitlines()
    assert lines[2].endswith("| 3.5 to 6.5 | OUT OF RANGE |")
    assert "% refused" in lines[2]
    assert lines[3].endswith("| refused |  | 3.5 to 6.5 | ok |")
    assert lines[4].endswith("| 93.5 to 96.5 | ok |")


def test_at_most_is_a_range_too() -> None:
    entry = Entry("looks", "split", SequentialSplit(looks=3), 50, 0, 5)
    assert "| at most 5 | ok |" in table(list(run([entry], processes=1)))


def test_a_figure_may_have_a_range_of_its_own() -> None:
    ranges = {"rejected": (40.0, 60.0)}
    entry = Entry("group", "name", Often(0.5), 600, 3.5, 6.5, ranges=ranges)
    row = next(run([entry], processes=1))
    assert row.holds
    assert table([row]).endswith("| 40 to 60 | ok |")


def test_figures_that_are_shares_themselves_have_the_error_of_their_mean() -> None:
    class Shares:
        figures = ("share",)

        def __call__(self, rng: np.random.Generator) -> Figures:
            return (float(rng.normal(0.9, 0.1)),)

    (row,) = run([Entry("group", "name", Shares(), 400, 80, 100)], processes=1)
    assert row.rate == pytest.approx(90, abs=2)
    assert row.error_high - row.error_low == pytest.approx(2 * 1.96 * 10 / 20, rel=0.1)


def test_the_table_does_not_depend_on_the_processes() -> None:
    entry = Entry("looks", "split", SequentialSplit(looks=3), 120, 0, 5)
    one, two = (table(list(run([entry], processes=n))) for n in (1, 2))
    assert one == two


def test_the_table_goes_between_the_markers(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    write_into(page, "new")
    assert page.read_text(encoding="utf-8") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    page.write_text("no markers", encoding="utf-8")
    with pytest.raises(SystemExit, match="add the markers"):
        write_into(page, "new")


@pytest.mark.parametrize(("rate", "status"), [(0.05, 0), (0.5, 1)])
def test_the_status_says_whether_every_figure_is_in_its_range(
    rate: float,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    entry = Entry("group", "name", Often(rate), 1000, 3.5, 6.5)
    monkeypatch.setattr(audit, "entries", lambda _: [entry])
    page = tmp_path / "page.md"
    page.write_text(f"{BEGIN}{END}", encoding="utf-8")
    assert main(["--processes", "1", "--into", str(page)]) == status
    shown = capsys.readouterr()
    assert f"2 figures, {status} out of range" in shown.out
    assert "group: name, rejected" in shown.err
    assert "| group | name |" in page.read_text(encoding="utf-8")
    assert main(["--processes", "1"]) == status


def test_runs_as_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["audit", "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(audit.__file__), run_name="__main__")
    assert ended.value.code == 0
