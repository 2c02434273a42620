"""The annotator's page in a real browser: it plays the three shots, and answers by a key."""

from pathlib import Path
from typing import Any

import pytest
from csp.constants import SELF, UNSAFE_INLINE

from experiments.models import Proposal, Video
from server.roles import Role
from tests import chromium
from tests.clips import write_clip
from tests.server.people import person

STATIC = Path(__file__).parents[2] / "platform/server/static"

pytestmark = [
    pytest.mark.functional,
    pytest.mark.django_db(transaction=True),
    chromium.needed,
]


@pytest.fixture
def proposal(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Proposal:
    settings.MEDIA_ROOT = tmp_path / "media"
    ada = person(Role.ANALYST, "ada")
    # The browser here brings no cookie: whoever asks is the one annotator.
    monkeypatch.setattr("django.contrib.auth.middleware.get_user", lambda _: ada)
    (tmp_path / "media").mkdir()
    write_clip(tmp_path / "media" / "v.webm", seconds=9)
    video = Video.objects.create(
        slug="v", title="V", state=Video.State.READY, duration_s=9, file="v.webm"
    )
    return Proposal.objects.create(video=video, shots_s=[6, 1, 3])


NOTE_WHAT_PLAYS = """
{% extends "annotation/proposal.html" %}{% block main %}{{ block.super }}<p id="played"></p><script>
  new MutationObserver(() => {
    const now = document.querySelector("[aria-current=true]")?.textContent;
    const played = document.querySelector("#played");
    if (now && !played.textContent.endsWith(now)) played.textContent += ` ${now}`;
  }).observe(document.querySelector(".shots"), { attributes: true, subtree: true });
</script>{% endblock %}"""


@pytest.fixture
def noting(settings: Any, tmp_path: Path) -> None:
    """Let the page note what plays: the browser shows only how it ends."""
    (tmp_path / "annotation").mkdir()
    (tmp_path / "annotation" / "proposal.html").write_text(NOTE_WHAT_PLAYS.strip())
    [engine] = settings.TEMPLATES
    settings.TEMPLATES = [{**engine, "DIRS": [tmp_path, *engine["DIRS"]]}]
    # The note is a script within the page, which the site's own pages have none of.
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {"default-src": [SELF, UNSAFE_INLINE]}}


@pytest.mark.usefixtures("noting")
def test_the_shots_play_one_after_the_other(
    proposal: Proposal, live_server: Any, tmp_path: Path
) -> None:
    """The browser's clock may outrun the film: it gets more time until each shot has played."""
    played: list[str] = []
    for budget_ms in (64_000, 512_000, 4_096_000, 32_768_000):
        page = chromium.visit(
            f"{live_server.url}/annotate/", tmp_path / "profile", budget_ms=budget_ms
        )
        played = page.partition('<p id="played">')[2].partition("</p>")[0].split()
        if len(played) > 3:
            break
    assert played[:4] == ["0:06", "0:01", "0:03", "0:06"]


@pytest.mark.parametrize(
    ("key", "clicked"), [("a", "accept"), ("r", "reject"), ("b", "back"), ("x", "nothing")]
)
def test_a_key_is_an_answer(tmp_path: Path, key: str, clicked: str) -> None:
    page = tmp_path / "keys.html"
    page.write_text(f"""
        <button value="accept" data-key="a">a</button>
        <button value="reject" data-key="r">r</button><a id="back" data-key="b">b</a>
        <p>nothing was clicked</p><script src="{STATIC}/coverlift/annotate.js"></script><script>
        addEventListener("click", ({{ target }}) => {{
          document.querySelector("p").textContent = `${{target.value || target.id}} was clicked`;
        }});
        dispatchEvent(new KeyboardEvent("keydown", {{ key: "{key}", ctrlKey: true }}));
        dispatchEvent(new KeyboardEvent("keydown", {{ key: "{key}" }}));</script>""")
    assert f"<p>{clicked} was clicked</p>" in chromium.visit(page.as_uri(), tmp_path / "profile")
