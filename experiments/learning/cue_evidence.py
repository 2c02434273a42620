"""Evidence of what people like, by cues: choices between two, and clicks on arms shown at random.

Clicks are taken phase by phase: within one the arms' shares did not change, so which arm a viewer
was shown says nothing of the viewer or the hour. A phase whose views do not come in the shares
that it promised is left out, as its viewers were not sent there at random.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from experiments.analysis.kept_counts import video_counts
from experiments.analysis.layout import Layout
from experiments.analysis.stats.records import FloatArray
from experiments.analysis.stats.srm import ALARM_P, srm
from experiments.learning.conditional_logit import ChoiceSet
from experiments.models import Choice, Experiment, Thumbnail, Video

Shots = Sequence[float]
CuesOf = Callable[[Video, list[Shots]], FloatArray]  # (T, C) of a video's GIFs
PREFERRED = {Choice.Answer.LEFT: (1.0, 0.0), Choice.Answer.RIGHT: (0.0, 1.0)}


def from_choices(cues_of: CuesOf) -> Iterator[ChoiceSet]:
    """Yield a set for each choice between two in which one was preferred."""
    chosen = Choice.objects.filter(answer__in=PREFERRED).order_by("video", "pk")
    of_video: dict[Video, list[Choice]] = defaultdict(list)
    for each in chosen.select_related("video"):
        of_video[each.video].append(each)
    for video, choices in of_video.items():
        shown = [shots for each in choices for shots in (each.left_shots_s, each.right_shots_s)]
        pairs = cues_of(video, shown).reshape(len(choices), 2, -1)
        for each, cues in zip(choices, pairs, strict=True):
            counts = np.asarray(PREFERRED[Choice.Answer(each.answer)])
            yield ChoiceSet(video.pk, cues, np.zeros(2), counts)


def from_clicks(experiment: Experiment, cues_of: CuesOf) -> Iterator[ChoiceSet]:
    """Yield a set for each video and phase of an experiment in which its GIFs were clicked."""
    layout = Layout.of(experiment)
    counts = video_counts(layout)
    at_random = [
        phase
        for phase, shares in enumerate(counts.shares)
        if not srm(counts.arms, counts.views[phase].sum(axis=0), shares).p_value < ALARM_P
    ]
    videos = Video.objects.in_bulk(counts.video_ids.tolist())
    for row, video_id in enumerate(counts.video_ids.tolist()):
        gifs = _gifs(videos[video_id], experiment, [arm.selector for arm in layout.arms])
        if len(gifs) < 2:
            continue
        arms = list(gifs)
        cues = cues_of(videos[video_id], [gifs[arm] for arm in arms])
        for phase in at_random:
            views, clicks = counts.views[phase, row, arms], counts.clicks[phase, row, arms]
            if (views > 0).sum() > 1 and clicks.any():
                seen = views > 0
                offsets = np.log(views[seen].astype(float))
                yield ChoiceSet(video_id, cues[seen], offsets, clicks[seen].astype(float))


def _gifs(video: Video, experiment: Experiment, selectors: Sequence[str]) -> dict[int, Shots]:
    """Return the shots of each arm's GIF, where they are those that the experiment showed."""
    made: dict[str, Thumbnail] = {each.selector: each for each in video.thumbnails.all()}
    found = {arm: made[name] for arm, name in enumerate(selectors) if name in made}
    return {
        arm: each.shots_s
        for arm, each in found.items()
        if each.shot_length_s == 1
        and not each.creative_id
        and experiment.started_at
        and each.made_at <= experiment.started_at
    }
