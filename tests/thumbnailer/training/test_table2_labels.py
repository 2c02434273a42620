import re
from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thumbnailer.training.datasets.gif_thumbnails import read_gif_thumbnails
from thumbnailer.training.table2_labels import (
    SAMPLES,
    expected_best,
    expected_random_score,
    gif_scores,
    labels_table,
    main,
    random_gifs,
    split_interval,
)

ROOT = Path(__file__).parents[3]


@given(st.lists(st.integers(0, 50), min_size=3, max_size=8).filter(any))
def test_the_expectation_is_the_mean_over_all_triples(counts: list[int]) -> None:
    every = np.asarray(list(permutations(range(len(counts)), 3)))
    wanted = gif_scores(every, np.asarray(counts, float)).mean()
    assert expected_random_score(np.asarray(counts, float)) == pytest.approx(wanted)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=4), st.integers(1, 3))
def test_the_expected_best_is_the_mean_over_all_draws(values: list[int], count: int) -> None:
    wanted = np.mean([max(drawn) for drawn in product(values, repeat=count)])
    assert expected_best(np.asarray(values, float), count) == pytest.approx(wanted)


def test_splits_vary_as_means_do() -> None:
    """Of 400 videos half score 0 and half 1: the mean of 100 of them has an error of 0.043."""
    scores = [np.full(5, float(video % 2)) for video in range(400)]
    low, high = split_interval(scores, 100, np.random.default_rng(0))
    assert (low, high) == pytest.approx((0.415, 0.585), abs=0.015)


@pytest.mark.parametrize("seconds", [3, 4, 9])
def test_all_triples_of_different_seconds_are_drawn_alike(seconds: int) -> None:
    drawn = random_gifs(60_000, seconds, np.random.default_rng(0))
    found, counts = np.unique(drawn, axis=0, return_counts=True)
    triples = list(permutations(range(seconds), 3))
    assert list(map(tuple, found.tolist())) == triples
    expected = 60_000 / len(triples)
    chi_square = ((counts - expected) ** 2 / expected).sum()
    freedom = len(triples) - 1
    assert chi_square < freedom + 5 * (2 * freedom) ** 0.5


def test_random_is_at_its_expectation_and_that_is_the_papers_weakest_rows(
    shared_data: Path,
) -> None:
    videos = read_gif_thumbnails(shared_data / "gif-thumbnails").videos
    rng = np.random.default_rng(1)
    drawn = [gif_scores(random_gifs(SAMPLES, len(v.counts), rng), v.counts) for v in videos]
    exact = np.mean([expected_random_score(video.counts) for video in videos])
    found = np.mean([scores.mean() for scores in drawn])
    error = np.sqrt(sum(scores.var() / SAMPLES for scores in drawn)) / len(videos)
    assert error < 1e-3
    assert abs(found - exact) < 4 * error
    assert 0.90 < exact < 0.91  # Table 2: Hecate 0.895, BeautThumb 0.906, RankNet 0.922


def test_the_page_in_the_documents_is_what_the_command_prints(
    shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(shared_data / "gif-thumbnails")]) == 0
    assert capsys.readouterr().out == (ROOT / "docs/models/labels.md").read_text(encoding="utf-8")


def test_people_are_between_chance_and_peaks(shared_data: Path) -> None:
    table = labels_table(shared_data / "gif-thumbnails", samples=100)
    one = {name: float(score) for name, score in re.findall(r"\| ([^|]+) \| ([\d.]+) \(", table)}
    assert one["random"] < one["annotated GIFs"] < one["comment peaks, 5 s apart"]
    assert one["annotated GIFs"] == pytest.approx(1.44, abs=0.01)


def test_a_folder_without_data_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path)]) == 1
    assert "annotated_data.json cannot be read" in capsys.readouterr().err
