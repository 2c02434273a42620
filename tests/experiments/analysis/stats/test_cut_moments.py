"""Moments of cuts: the same in parts as at once, and as counted one by one."""

from collections import Counter

import numpy as np

from experiments.analysis.stats.cut_moments import CutMoments

from .sliced import draw_views, moments_of, where


def test_parts_add_up_to_the_whole() -> None:
    rows = draw_views(1, (0.2, 0.2, 0.2), rows=3000)
    whole, parts = moments_of(rows), CutMoments.none(40, (3, 1, 2))
    for part in range(3):
        parts = parts.plus(where(rows, rows.viewer % 3 == part))
    assert parts.viewers == whole.viewers == np.unique(rows.viewer).size
    for name in ("by_video", "of_viewers", "of_pairs"):
        assert np.array_equal(getattr(parts, name), getattr(whole, name))


def test_they_are_those_counted_one_by_one() -> None:
    rows = draw_views(2, (0.0, 0.5), rows=400, viewers=9, videos=4)
    found = moments_of(rows, videos=4)
    cells = rows.slice * 2 + rows.arm
    for name, clusters in (
        ("of_viewers", rows.viewer.tolist()),
        ("of_pairs", list(zip(rows.viewer.tolist(), rows.video.tolist(), strict=True))),
    ):
        sums: dict[object, Counter[int]] = {}
        for cluster, cell, clicked in zip(clusters, cells, rows.clicked, strict=True):
            of = sums.setdefault(cluster, Counter())
            of[int(cell)] += 1
            of[4 + int(cell)] += int(clicked)
        expected = sum(
            np.outer(z, z) for z in (np.array([of[i] for i in range(8)]) for of in sums.values())
        )
        assert np.array_equal(getattr(found, name), expected)
    assert found.totals[0].sum() == 400
    assert found.totals[1].sum() == rows.clicked.sum()


def test_of_no_view_there_is_nothing() -> None:
    rows = where(draw_views(1, (0.0,), rows=10), np.zeros(10, bool))
    found = CutMoments.none(3, (1, 1, 2)).plus(rows)
    assert (found.viewers, found.totals.sum(), found.of_viewers.sum()) == (0, 0, 0)
