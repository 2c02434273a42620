"""The checklist at the command line and in the API: the console's own sentences."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from experiments.design import ArmDesign
from experiments.models import Experiment, Video
from experiments.planning.checklist import checklist
from experiments.serving import drafts
from tests.experiments.world import make_video

pytestmark = pytest.mark.django_db


def draft() -> Experiment:
    made = drafts.open_draft("Spring", "")
    drafts.set_arms(made, (ArmDesign("Still", "raw"), ArmDesign("GIF", "gevaden")))
    made.videos.set(Video.objects.all())
    return made


def test_every_point_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    make_video("v1")
    made = draft()
    call_command("check_experiment", "spring")
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"{each.level}: {each.about}: {each.says}" for each in checklist(made)]
    assert lines[0] == "ok: thumbnails: 1 video, all with every arm's thumbnail."


def test_what_blocks_fails(capsys: pytest.CaptureFixture[str]) -> None:
    draft()
    with pytest.raises(CommandError, match="1 of 7 points block the launch"):
        call_command("check_experiment", "spring")
    assert "blocking: thumbnails: no video of spring has" in capsys.readouterr().out


def test_the_api_answers_with_the_same(admin_client: Client) -> None:
    make_video("v1")
    told = [
        {"about": each.about, "level": each.level, "says": each.says, "remedy": each.remedy}
        for each in checklist(draft())
    ]
    assert admin_client.get("/api/v1/experiments/spring/checklist").json() == told
