import numpy as np
import pytest

from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.inclusion import include_videos
from experiments.analysis.stats.results import LeftOut
from experiments.unit import Unit

IDS = np.array([11, 12, 13, 14])
ARMS = ("raw", "gif")


def test_every_video_left_out_has_exactly_one_reason() -> None:
    views = np.array([[100, 100], [99, 100], [99, 0], [100, 5]])
    inclusion = include_videos(IDS, ARMS, views, Unit.VIEWER_VIDEO, 100)
    assert inclusion.included.tolist() == [True, False, False, False]
    assert (inclusion.included_videos, inclusion.left_out_videos) == (1, 3)
    assert set(inclusion.left_out) == {
        LeftOut("fewer than 100 views in arm 'raw'", (12,)),
        LeftOut("fewer than 100 views in arms 'raw', 'gif'", (13,)),
        LeftOut("fewer than 100 views in arm 'gif'", (14,)),
    }


def test_an_assigned_video_counts_in_its_own_arm() -> None:
    views = np.array([[100, 0], [0, 100], [3, 0], [100, 100]])
    inclusion = include_videos(IDS, ARMS, views, Unit.VIDEO, 100)
    assert inclusion.included.tolist() == [True, True, False, False]
    assert inclusion.left_out == (
        LeftOut("views in more than one arm, though each video is assigned to one", (14,)),
        LeftOut("fewer than 100 views in its arm", (13,)),
    )


def test_no_views_have_no_ctr() -> None:
    with pytest.raises(InputError, match="min_views == 0, must be at least 1"):
        include_videos(IDS, ARMS, np.ones((4, 2), int), Unit.VIEWER_VIDEO, 0)
