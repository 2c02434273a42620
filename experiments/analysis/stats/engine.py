"""The door of the room: given the design and the counts, the honest test.

Which unit is randomised decides which error is right. Paired by video is honest where the arms of
a video are dealt out independently of the viewer's other videos, two-way errors are honest
wherever sums by viewer are at hand, and with whole videos assigned only the spread between videos
is left.
"""

from experiments.analysis.stats.contrast import expected_events
from experiments.analysis.stats.errors import DesignError
from experiments.analysis.stats.inclusion import include_videos
from experiments.analysis.stats.paired_t import paired_means
from experiments.analysis.stats.pooled import pooled_means
from experiments.analysis.stats.records import StratifiedCounts, VideoCounts, ViewerVideoSums
from experiments.analysis.stats.results import Estimated, Method
from experiments.analysis.stats.two_way import CodedSums, two_way_mean_ctr, two_way_pooled_ctr
from experiments.analysis.stats.welch import between_means
from experiments.unit import Unit

HONEST: dict[Unit, tuple[Method, ...]] = {
    Unit.VIEWER_VIDEO: (Method.TWO_WAY, Method.PAIRED_BY_VIDEO),
    Unit.IMPRESSION: (Method.TWO_WAY, Method.PAIRED_BY_VIDEO),
    Unit.VIEWER: (Method.TWO_WAY,),
    Unit.VIDEO: (Method.WELCH,),
}
NEEDS_SUMS = "needs sums by viewer and video: pass a ViewerVideoSums record"


Data = VideoCounts | StratifiedCounts | ViewerVideoSums


def honest_method(unit: Unit, *, with_sums: bool, wanted: Method | None = None) -> Method:
    """Return the test for a design: the wanted one if it is honest, else the best at hand.

    Raises:
        DesignError: if the wanted test is dishonest under the design, or sums by viewer and video
            are needed and missing; the message names the right test.
    """
    honest = HONEST[unit]
    if wanted is not None and wanted not in honest:
        raise DesignError(
            f"method == {wanted.value!r} is not honest when the unit is {unit.value!r}, "
            f"must be {honest[0].value!r}"
        )
    usable = [m for m in honest if with_sums or m is not Method.TWO_WAY]
    if not usable or (wanted is Method.TWO_WAY and not with_sums):
        raise DesignError(f"unit == {unit.value!r} with {Method.TWO_WAY.value!r} {NEEDS_SUMS}")
    return wanted or usable[0]


def estimate(
    data: Data, unit: Unit, *, min_views: int = 1, method: Method | None = None
) -> Estimated:
    """Return the arm means of an experiment with the errors that its design calls for.

    Args:
        data: views and clicks by video and arm; with sums by viewer the default is the two-way
            error.
        unit: what was randomised.
        min_views: a video counts where every compared arm has at least this many views.
        method: a test to insist on.

    Raises:
        DesignError: see honest_method.
    """
    by_viewer = isinstance(data, ViewerVideoSums)
    chosen = honest_method(unit, with_sums=by_viewer, wanted=method)
    if isinstance(data, ViewerVideoSums) and chosen is Method.TWO_WAY:
        return _two_way(CodedSums.of(data), unit, min_views)
    return _over_videos(_video_counts(data), unit, min_views, chosen)


def _video_counts(data: Data) -> VideoCounts:
    if isinstance(data, VideoCounts):
        return data
    return data.total() if isinstance(data, StratifiedCounts) else CodedSums.of(data).counts()


def _two_way(coded: CodedSums, unit: Unit, min_views: int) -> Estimated:
    counts = coded.counts()
    inclusion = include_videos(counts.video_ids, counts.arms, counts.views, unit, min_views)
    return Estimated(
        counts,
        inclusion,
        two_way_mean_ctr(coded, counts, inclusion.included),
        two_way_pooled_ctr(coded, counts, inclusion.included),
    )


def _over_videos(counts: VideoCounts, unit: Unit, min_views: int, method: Method) -> Estimated:
    inclusion = include_videos(counts.video_ids, counts.arms, counts.views, unit, min_views)
    kept = counts.where(inclusion.included)
    of_ratios = between_means if method is Method.WELCH else paired_means
    events = expected_events(kept.clicks.sum(axis=0), kept.views.sum(axis=0))
    return Estimated(
        counts,
        inclusion,
        of_ratios(kept.arms, kept.ctr, events),
        pooled_means(kept.arms, kept.views, kept.clicks, method),
    )
