"""The calls that the documents give, each run as it stands there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from experiments.access_keys import issue
from experiments.models import Event
from experiments.serving import feed
from tests.experiments.world import make_experiment, make_video

pytestmark = [pytest.mark.functional, pytest.mark.django_db(transaction=True)]
DOCUMENT = Path(__file__).resolve().parents[2] / "docs/embedding.md"
PROGRAMS = {
    "sh": ["sh", "-ec"],
    "python": [sys.executable, "-c"],
    "javascript": ["node", "--input-type=module", "-e"],
}


def blocks(language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```$", DOCUMENT.read_text(), re.DOTALL | re.MULTILINE
    )


@pytest.mark.parametrize("language", PROGRAMS)
def test_a_call_gives_what_the_document_says(language: str, live_server: Any) -> None:
    program = PROGRAMS[language]
    needs = "curl" if language == "sh" else program[0]
    if shutil.which(needs) is None:
        pytest.skip(f"no {needs}: install it to run what the documents give")
    experiment = make_experiment(videos=0)
    experiment.videos.set([make_video("cats"), make_video("dogs")])
    _, key = issue("shop", ["embed"])
    feed.refresh()
    (call,) = blocks(language)
    done = subprocess.run(
        [*program, call], env={**os.environ, "COVERLIFT": live_server.url, "KEY": key},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    tokens = {slot.token for slot in feed.slots("visitor-1").slots}
    assert len(tokens) == 2
    assert "cats" in done.stdout
    assert "dogs" in done.stdout
    assert "/media/thumbnails/" in done.stdout
    if language == "python":
        assert "{'accepted': 2, 'duplicate': 0, 'rejected': {}}" in done.stdout
        assert Event.objects.count() == 2
