"""Picking shots by hand in a real browser: clicks on frames fill the fields one after the other."""

import re
from pathlib import Path

import pytest

from tests import chromium

STATIC = Path(__file__).parents[2] / "platform/server/static"
SECTION = """
    <section id="{name}"><div class="choice"><form class="pick">
      <input name="shot" value="1"><input name="shot" value="4"><input name="shot" value="7">
    </form></div></section>"""
FRAMES = "".join(f'<b class="frame" data-start="{second}">{second}</b>' for second in range(9))

pytestmark = [
    pytest.mark.functional,
    chromium.needed,
]


def after(tmp_path: Path, script: str) -> dict[str, str]:
    """Return what stands in the fields, which frames are marked and where the storyboard is."""
    page = tmp_path / "pick.html"
    page.write_text(f"""
        {SECTION.format(name="one")}{SECTION.format(name="two")}
        <h2 class="storyboard-title">All of it</h2><div class="storyboard">{FRAMES}</div>
        <p></p><script src="{STATIC}/coverlift/shots.js"></script><script>
        const fieldsOf = (name) => [...document.querySelectorAll(`#${{name}} input`)];
        const frame = (second) => document.querySelector(`.frame[data-start="${{second}}"]`);
        {script}
        const values = (name) => fieldsOf(name).map((each) => each.value).join(" ");
        const picked = [...document.querySelectorAll(".frame.picked")].map((f) => f.textContent);
        const beside = document.querySelector(".storyboard").closest("section")?.id;
        document.querySelector("p").textContent = `one=${{values("one")}};two=${{values("two")}};` +
          `picked=${{picked.join(" ")}};beside=${{beside}}`;</script>""")
    found = re.search(r"<p>(.*)</p>", chromium.visit(page.as_uri(), tmp_path / "profile"))
    assert found is not None
    return dict(pair.split("=") for pair in found[1].split(";"))


def test_frames_of_the_first_choice_are_marked_at_once(tmp_path: Path) -> None:
    found = after(tmp_path, "")
    assert found == {"one": "1 4 7", "two": "1 4 7", "picked": "1 4 7", "beside": "undefined"}


def test_clicks_fill_the_fields_in_turn_from_the_one_with_the_cursor(tmp_path: Path) -> None:
    found = after(
        tmp_path,
        "fieldsOf('two')[1].focus(); for (const second of [2, 6, 0]) frame(second).click();",
    )
    assert found["one"] == "1 4 7"
    assert found["two"] == "0.00 2.00 6.00"
    assert (found["picked"], found["beside"]) == ("0 2 6", "two")


def test_typing_marks_the_frame(tmp_path: Path) -> None:
    found = after(
        tmp_path,
        "fieldsOf('one')[0].value = '3';"
        "fieldsOf('one')[0].dispatchEvent(new Event('input', { bubbles: true }));",
    )
    assert found["picked"] == "3 4 7"
