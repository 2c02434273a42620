from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from experiments.analysis.shot_evidence import MADE_SINCE, SHORT, STILL, export_shots
from experiments.models import Experiment, Thumbnail
from tests.experiments.analysis.report.cast import FOUR_VIDEOS, counted_study
from thumbnailer.training.datasets.platform_log import read_platform_log

pytestmark = pytest.mark.django_db
GIFS = {"re_seq2seq": [1.0, 2.0, 3.0], "gevaden": [3.0, 9.0, 4.0]}


@pytest.fixture
def study() -> Experiment:
    """Counts of four videos, whose GIFs were made before the experiment began."""
    study = counted_study()
    assert study.started_at is not None
    Thumbnail.objects.update(made_at=study.started_at - timedelta(hours=1))
    Thumbnail.objects.filter(selector="raw").update(shot_length_s=0)
    for selector, shots_s in GIFS.items():
        Thumbnail.objects.filter(selector=selector).update(shots_s=shots_s)
    return study


def test_what_gifs_have_won_can_be_read_back(study: Experiment, tmp_path: Path) -> None:
    exported = export_shots(study, tmp_path / "shots.jsonl")
    assert exported.written == 8
    assert exported.left_out == {STILL: 4}
    found = read_platform_log(tmp_path / "shots.jsonl")
    assert found.defects == ()
    for video, row in zip(found.videos, FOUR_VIDEOS, strict=True):
        (_, (views, clicks), (other_views, other_clicks)) = row
        assert len(video.counts) == 13  # 12.5 s
        assert video.gifs.tolist() == [[1, 2, 3], [3, 9, 4]]
        assert video.counts[1] == clicks / views
        assert video.counts[3] == (clicks + other_clicks) / (views + other_views)


def test_gifs_that_may_have_shown_other_shots_are_left_out(
    study: Experiment, tmp_path: Path
) -> None:
    one = Thumbnail.objects.filter(selector="gevaden").first()
    assert one is not None
    one.save()  # made again, after the start
    assert export_shots(study, tmp_path / "a.jsonl").left_out[MADE_SINCE] == 1


def test_gifs_of_parts_of_seconds_are_left_out(study: Experiment, tmp_path: Path) -> None:
    Thumbnail.objects.filter(selector="gevaden").update(shot_length_s=0.5)
    assert export_shots(study, tmp_path / "a.jsonl").left_out[SHORT] == 4


def test_the_command_says_what_was_left_out(
    study: Experiment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("export_shots", "pilot", tmp_path / "a.jsonl")
    printed = capsys.readouterr().out
    assert "left out: 4 stills" in printed
    assert "8 GIFs written" in printed
    with pytest.raises(CommandError, match="no experiment has the slug 'none'"):
        call_command("export_shots", "none", tmp_path / "a.jsonl")
