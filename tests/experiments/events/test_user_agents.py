"""User agents: what screen, and whether a program says that it is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.events.keys import Device, Flag
from experiments.events.user_agents import classify

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "device", "flag"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME}", Device.DESKTOP, 0),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {CHROME}", Device.DESKTOP, 0),
        (f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {CHROME} Mobile", Device.PHONE, 0),
        (f"Mozilla/5.0 (Linux; Android 13; SM-X200) {CHROME}", Device.TABLET, 0),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148", Device.PHONE, 0),
        ("Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) Mobile/15E148", Device.TABLET, 0),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", 0, 1),
        ("curl/8.5.0", Device.UNKNOWN, Flag.BOT_AGENT),
        ("", Device.UNKNOWN, Flag.BOT_AGENT),
    ],
)
def test_known_agents(agent: str, device: int, flag: int) -> None:
    assert classify(agent) == (device, flag)


@given(st.text(max_size=5000))
def test_any_text_has_an_answer(agent: str) -> None:
    device, flag = classify(agent)
    assert device in Device
    assert flag in {Flag(0), Flag.BOT_AGENT}
