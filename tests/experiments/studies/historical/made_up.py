"""Archives of tests drawn from a known truth, in the Upworthy Research Archive's layout too."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.analysis.stats.records import FloatArray
from experiments.studies.historical.records import Archive

HEADER = ("", "created_at", "updated_at", "clickability_test_id", "excerpt", "headline",
          "eyecatcher_id", "impressions", "clicks", "winner", "test_week")  # fmt: skip
FIRST_DAY = np.datetime64("2013-01-21")  # a Monday


@dataclass(frozen=True)
class Truth:
    """How an archive is drawn.

    In the weeks `broken`, first and last, a cache serves one arm at a time: an arm's share of the
    impressions is Dirichlet-distributed around the promise, with `blocks` as its concentration.
    """

    tests: int = 600
    weeks: int = 60
    spread: float = 0.2
    broken: tuple[int, int] | None = None
    blocks: float = 30.0
    arms: int = 4
    same: float = 0.0  # share of tests whose arms all show the same


def draw(truth: Truth, seed: int) -> tuple[Archive, FloatArray]:
    """Return an archive, and each arm's true log click rate over its test's first arm's, (A,)."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, truth.arms + 1, truth.tests)
    test = np.repeat(np.arange(truth.tests), sizes)
    week = np.sort(rng.integers(0, truth.weeks, truth.tests))
    same = rng.random(truth.tests) < truth.same
    theta = np.where(same[test], 0.0, rng.normal(0, truth.spread / np.sqrt(2), len(test)))
    base = np.exp(rng.normal(np.log(0.015), 0.5, truth.tests))
    impressions = np.concatenate(
        [_split(truth, rng, int(size), int(at)) for size, at in zip(sizes, week, strict=True)]
    )
    clicks = rng.binomial(impressions, np.minimum(base[test] * np.exp(theta), 1.0))
    first = np.searchsorted(test, np.arange(truth.tests))
    place = np.arange(len(test)) - first[test]
    archive = Archive(
        names=tuple(f"t{i}" for i in range(truth.tests)),
        began=FIRST_DAY + (week * 7 + rng.integers(0, 7, truth.tests)).astype("timedelta64[D]"),
        test=test,
        arms=tuple(str(i + 1) for i in place),
        impressions=impressions,
        clicks=clicks,
        weights=np.ones(len(test)),
        creative=np.where(same[test], 0, place),
    )
    return archive, theta - theta[first][test]


def _split(
    truth: Truth, rng: np.random.Generator, arms: int, week: int
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    share = np.full(arms, 1 / arms)
    if truth.broken and truth.broken[0] <= week <= truth.broken[1]:
        share = rng.dirichlet(truth.blocks * share)
    return rng.multinomial(rng.poisson(3000 * arms), share)


def write_as_upworthy(archive: Archive, path: Path) -> None:
    """Write an archive as the Upworthy Research Archive's packages are laid out."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(HEADER)
        for at in range(len(archive.arms)):
            test = archive.test[at]
            rows.writerow([
                at, f"{archive.began[test]} 06:43:16.005", "", archive.names[test], "Things.",
                f"A made up headline,\nof {archive.creative[at]}", "img7",
                archive.impressions[at], archive.clicks[at], "FALSE", "201303",
            ])  # fmt: skip
