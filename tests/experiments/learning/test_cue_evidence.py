"""Evidence to learn from: preferences, and clicks of phases that were shown at random."""

from collections.abc import Sequence
from datetime import timedelta
from io import StringIO

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from experiments.analysis.stats.records import FloatArray
from experiments.learning import cue_evidence
from experiments.learning.cue_evidence import from_choices, from_clicks
from experiments.making.learning_steps import cue_names
from experiments.management.commands import learn_cues
from experiments.models import Choice, Experiment, Thumbnail, Video
from tests.experiments.analysis.report.cast import FOUR_VIDEOS, counted_study
from tests.experiments.world import make_video

pytestmark = pytest.mark.django_db


def first_seconds(_: Video, gifs: list[Sequence[float]]) -> FloatArray:
    return np.asarray([[shots[0], 1.0] for shots in gifs])


def add_choice(video: Video, answer: Choice.Answer, left: int, right: int) -> None:
    ada, _ = User.objects.get_or_create(username="ada")
    Choice.objects.create(
        video=video, annotator=ada, answer=answer, left="appeal", right="gevaden",
        left_shots_s=[left, 9, 15], right_shots_s=[right, 9, 15],
    )  # fmt: skip


def test_a_preference_is_a_set_of_two_and_the_others_say_nothing() -> None:
    first, second = make_video("v1"), make_video("v2")
    add_choice(first, Choice.Answer.LEFT, 1, 2)
    add_choice(first, Choice.Answer.SKIPPED, 3, 4)
    add_choice(second, Choice.Answer.BOTH_BAD, 3, 4)
    add_choice(second, Choice.Answer.RIGHT, 5, 6)
    one, other = from_choices(first_seconds)
    assert (one.video, one.cues[:, 0].tolist(), one.counts.tolist()) == (first.pk, [1, 2], [1, 0])
    assert (other.cues[:, 0].tolist(), other.counts.tolist()) == ([5, 6], [0, 1])
    assert one.offsets.tolist() == [0, 0]


@pytest.fixture
def study() -> Experiment:
    """Counts of four videos, whose GIFs were made before the experiment began."""
    study = counted_study()
    assert study.started_at is not None
    Thumbnail.objects.update(made_at=study.started_at - timedelta(hours=1))
    Thumbnail.objects.filter(selector="raw").update(shot_length_s=0)
    for place, selector in enumerate(("re_seq2seq", "gevaden")):
        Thumbnail.objects.filter(selector=selector).update(shots_s=[place, 9, 15])
    return study


def test_clicks_of_each_video_part_among_its_gifs_and_stills_are_left_out(
    study: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cue_evidence, "ALARM_P", 0.0)  # four videos are no sample
    found = list(from_clicks(study, first_seconds))
    assert len(found) == len(FOUR_VIDEOS)
    for one, (_, *gifs) in zip(found, FOUR_VIDEOS, strict=True):
        assert one.cues[:, 0].tolist() == [0, 1]
        assert np.exp(one.offsets) == pytest.approx([views for views, _ in gifs])
        assert one.counts.tolist() == [clicks for _, clicks in gifs]


def test_views_that_do_not_come_in_the_shares_promised_are_not_learned_from(
    study: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cue_evidence, "ALARM_P", 1.1)
    assert list(from_clicks(study, first_seconds)) == []


def test_a_gif_made_since_the_start_is_no_evidence(
    study: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cue_evidence, "ALARM_P", 0.0)
    Thumbnail.objects.filter(selector="gevaden").update(made_at=timezone.now())
    assert list(from_clicks(study, first_seconds)) == []


def test_the_command_refuses_where_there_are_too_few_choices() -> None:
    with pytest.raises(CommandError, match="0 choices on 0 videos"):
        call_command("learn_cues")
    with pytest.raises(CommandError, match="no experiment has the slug 'nothing'"):
        call_command("learn_cues", "nothing")


def test_choices_by_one_cue_give_a_setting_in_which_it_counts_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cues, face = np.random.default_rng(0).random((100, 7)), cue_names().index("face")
    monkeypatch.setattr(
        learn_cues, "cues_of", lambda _, gifs: np.stack([cues[int(shots[0])] for shots in gifs])
    )
    for number in range(6):
        video = make_video(f"v{number}")
        for left, right in np.random.default_rng(number).permutation(100).reshape(-1, 2)[:20]:
            is_left = cues[left, face] > cues[right, face]
            answer = Choice.Answer.LEFT if is_left else Choice.Answer.RIGHT
            add_choice(video, answer, int(left), int(right))
    said = StringIO()
    call_command("learn_cues", stdout=said)
    _, _, setting = said.getvalue().strip().rpartition("COVERLIFT_CUE_WEIGHTS=")
    weights = [float(weight) for weight in setting.split(",")]
    assert len(weights) == len(cue_names())
    assert np.argmax(np.abs(weights)) == face
    assert weights[face] > 0
