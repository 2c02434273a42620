"""The life cycle through the API; and the same sentences at each of its doors."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from experiments.models import Experiment
from experiments.serving import feed
from tests.experiments.world import SELECTORS, make_experiment, make_video

pytestmark = pytest.mark.django_db
Arms = list[tuple[str, str, str]]  # name, selector, weight
RAW, GIF = ("raw", "raw", "1"), ("GIF", "gevaden", "2")
ARMS = ", ".join(SELECTORS)
ADDRESS = "/api/v1/experiments"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ann"))
    return client


def post(client: Client, address: str, body: object = None) -> Any:
    return client.post(f"{ADDRESS}{address}", body or {}, content_type="application/json")


def draft_body(arms: Arms, **fields: Any) -> dict[str, Any]:
    named = [dict(zip(("name", "selector", "weight"), arm, strict=True)) for arm in arms]
    return {"slug": "spring", "name": "Spring", "arms": named} | fields


def test_a_whole_life(staff: Client) -> None:
    videos = [make_video(f"v{i}") for i in range(2)]
    made = post(staff, "", draft_body([RAW, GIF], question="Why?", unit="viewer", holdback=0.1))
    assert made.status_code == 201
    assert (made.json()["state"], made.json()["unit"]) == ("draft", "viewer")
    assert list(Experiment.objects.get().videos.all()) == videos
    for act, body, state, phases in [
        ("start", {"ramp": 0.5}, "running", 1),
        ("change", {"weights": {"raw": 1, "GIF": 1}, "ramp": 1}, "running", 2),
        ("add", {"name": "late", "selector": "re_seq2seq"}, "running", 3),
        ("drop", {"arm": "late"}, "running", 4),
        ("pause", {}, "paused", 4),
        ("resume", {}, "running", 5),
        ("end", {}, "ended", 5),
    ]:
        answer = post(staff, f"/spring/{act}", body)
        assert answer.status_code == 200, answer.content
        shown = answer.json()
        assert (shown["state"], len(shown["phases"])) == (state, phases)
    assert [arm["weight"] for arm in shown["arms"]] == [1, 1, 0]
    assert [phase["ramp"] for phase in shown["phases"]] == [0.5, 1, 1, 1, 1]
    assert staff.get(f"{ADDRESS}/spring").json() | {"warnings": []} == shown


def test_an_end_is_decided_and_the_decision_taken_back(staff: Client) -> None:
    make_experiment()
    assert post(staff, "/pilot/decide", {"choice": "arm"}).status_code == 409
    post(staff, "/pilot/end")
    feed.refresh()
    gone = staff.get("/api/feed?viewer=a&experiment=pilot")
    assert (gone.status_code, "nothing of it is shipped" in gone.json()["error"]) == (410, True)
    shipped = post(staff, "/pilot/decide", {"choice": "arm", "arm": "gevaden", "holdback": 0.1})
    assert shipped.status_code == 200, shipped.content
    feed.refresh()
    slots = staff.get("/api/feed?viewer=a&experiment=pilot").json()["slots"]
    assert {slot["experiment"] for slot in slots} == {"pilot-shipped"}
    refused = post(staff, "/pilot/decide", {"choice": "coin"})
    assert refused.json() == {"choice": ["choice == 'coin', must be one of arm, map, control"]}
    assert post(staff, "/pilot/take_back", {"why": "a complaint"}).status_code == 200
    assert post(staff, "/pilot/take_back").status_code == 409


def test_a_draft_may_name_its_videos(staff: Client) -> None:
    make_video("v0")
    chosen = make_video("v1")
    assert post(staff, "", draft_body([RAW, GIF], videos=["v1"])).status_code == 201
    assert list(Experiment.objects.get().videos.all()) == [chosen]
    refused = post(staff, "", draft_body([RAW, GIF], slug="other", videos=["gone"]))
    assert refused.json() == {"videos": ["there is no video 'gone'"]}


@pytest.mark.parametrize(
    ("act", "body", "status", "told"),
    [
        ("start", {}, 409, {"detail": "pilot is running, must be draft to be started: an "
                                      "experiment starts once"}),
        ("resume", {}, 409, {"detail": "pilot is running, must be paused to be resumed"}),
        ("change", {}, 400, {"weights": ["nothing to change: give weights or a ramp"]}),
        ("change", {"ramp": 2}, 400, {"ramp": ["ramp == 2.0, must be from 0 to 1"]}),
        ("change", {"ramp": "x"}, 400, {"ramp": ["A valid number is required."]}),
        ("change", {"x": 1}, 400, {"x": ["there is no such field, only: why, weights, ramp"]}),
        ("pause", {"for": 1}, 400, {"for": ["there is no such field, only: why"]}),
        ("drop", {}, 400, {"arm": ["This field is required."]}),
        ("drop", {"arm": "x"}, 400, {"arm": [f"arm == 'x', must be one of {ARMS}"]}),
        ("change", {"ramp": 10**400}, 400, {"ramp": ["A valid number is required."]}),
        ("add", {"name": "raw", "selector": "raw"}, 400, {"arms": ["arm 'raw' is given twice"]}),
        ("fly", {}, 404, None),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused(
    staff: Client, act: str, body: dict[str, object], status: int, told: object
) -> None:
    make_experiment()
    answer = post(staff, f"/pilot/{act}", body)
    assert answer.status_code == status
    assert told is None or answer.json() == told
    assert Experiment.objects.get().phases.count() == 1


def test_what_is_not_there_is_not_found_and_what_is_no_object_is_refused(staff: Client) -> None:
    assert post(staff, "/none/end").status_code == 404
    make_experiment()
    assert post(staff, "/pilot/end", [1]).status_code == 400
    assert staff.get(f"{ADDRESS}/pilot/end").status_code == 405


def test_a_session_needs_its_token_against_forgery() -> None:
    make_experiment()
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("ann"))
    assert post(client, "/pilot/end").status_code == 403


def by_command(_: Client, arms: Arms, **fields: Any) -> str:
    fields = {"slug": "spring", "name": "Spring"} | fields
    argv = ["start_experiment", fields.pop("slug")]
    argv += [f"--arm={name}={selector}:{weight}" for name, selector, weight in arms]
    ends = [str(fields.pop(name, end)) for name, end in (("layer_from", 0), ("layer_to", 1))]
    argv += [f"--layer={':'.join([fields.pop('layer', ''), *ends])}"]
    argv += [f"--{name}={value}" for name, value in fields.items()]
    with pytest.raises(CommandError) as caught:
        call_command(*argv)
    return str(caught.value)


def by_api(staff: Client, arms: Arms, **fields: Any) -> str:
    answer = post(staff, "", draft_body(arms, **fields))
    assert answer.status_code == 400
    return "; ".join(sentence for told in answer.json().values() for sentence in told)


SLUG_RULE = "must be 1 to 60 of a to z, A to Z, 0 to 9, - and _"
WEIGHT_RULE = "must be 0 or more, and finite"
CANNOT_BE: list[tuple[dict[str, Any], str]] = [
    ({"slug": "a/b"}, f"slug == 'a/b', {SLUG_RULE}"),
    ({"slug": "Été 🎬"}, f"slug == 'Été 🎬', {SLUG_RULE}"),
    ({"slug": "x" * 70}, f"slug == '{'x' * 40}'…, {SLUG_RULE}"),
    ({"slug": ""}, f"slug == '', {SLUG_RULE}"),
    ({"name": ""}, "name is empty, must have 1 to 120 characters"),
    ({"name": "n" * 121}, "name has 121 characters, must have at most 120"),
    ({"simulated": "s" * 2001}, "simulated has 2001 characters, must have at most 2000"),
    ({"holdback": "1.5"}, "holdback == 1.5, must be from 0 to less than 1"),
    ({"holdback": "nan"}, "holdback == nan, must be from 0 to less than 1"),
    ({"min-views": "0"}, "min_views == 0, must be from 1 to 2147483647"),
    ({"min-views": "9" * 12}, "min_views == 999999999999, must be from 1 to 2147483647"),
    ({"layer": "l" * 61}, "layer has 61 characters, must have at most 60"),
    ({"layer": "front", "layer_from": "0.6", "layer_to": "0.5"},
     "slice of the layer == 0.6 to 0.5, must lie within 0 to 1"),
    ({"arms": [("raw", "raw", "nan"), GIF]}, f"weight == nan of arm 'raw', {WEIGHT_RULE}"),
    ({"arms": [("raw", "raw", "-1"), GIF]}, f"weight == -1.0 of arm 'raw', {WEIGHT_RULE}"),
    ({"arms": [RAW, ("GIF", "gevaden", "inf")]}, f"weight == inf of arm 'GIF', {WEIGHT_RULE}"),
    ({"arms": [("raw", "raw", "0"), GIF]}, "weight == 0 of the control 'raw', must be over 0"),
    ({"arms": [("raw", "raw", "0"), ("GIF", "gevaden", "0")]},
     "weight == 0 of the control 'raw', must be over 0"),
    ({"arms": [RAW, ("GIF", "gevaden", "0")]}, "every arm but the control has weight 0: nothing"),
    ({"arms": [RAW, RAW]}, "arm 'raw' is given twice"),
    ({"arms": [RAW, ("", "gevaden", "1")]}, "name of an arm is empty, must have 1 to 60"),
    ({"arms": [RAW, ("a" * 61, "gevaden", "1")]}, "name of an arm has 61 characters"),
    ({"arms": [RAW, ("GIF", "gevadn", "1")]}, "selector == 'gevadn', must be one that makes"),
    ({"arms": [RAW]}, "number of arms == 1, must be 2 to 256"),
]  # fmt: skip


@pytest.mark.parametrize("door", [by_command, by_api])
@pytest.mark.parametrize(("given", "sentence"), CANNOT_BE)
def test_every_door_has_the_same_sentence(
    staff: Client, door: Callable[..., str], given: dict[str, Any], sentence: str
) -> None:
    make_experiment()
    given = dict(given)
    arms = given.pop("arms", [RAW, GIF])
    if door is not by_command:
        given = {name.replace("-", "_"): value for name, value in given.items()}
    assert sentence in door(staff, arms, **given)
    assert Experiment.objects.count() == 1


def test_a_slug_that_is_taken_is_refused(staff: Client) -> None:
    """The command gives it a number instead."""
    make_experiment()
    assert "slug == 'pilot', is taken: choose another" in by_api(staff, [RAW, GIF], slug="pilot")


@pytest.mark.parametrize(
    ("act", "argv"),
    [("resume", ["change_experiment", "pilot", "--resume"]),
     ("pause", ["change_experiment", "pilot", "--pause"]), ("end", ["end_experiment", "pilot"])],
)  # fmt: skip
def test_every_door_refuses_an_act_in_the_same_words(
    staff: Client, act: str, argv: list[str]
) -> None:
    make_experiment()
    post(staff, "/pilot/end")
    with pytest.raises(CommandError) as caught:
        call_command(*argv)
    sentence = str(caught.value)
    assert sentence.startswith("pilot is ended, must be ")
    assert post(staff, f"/pilot/{act}").json() == {"detail": sentence}


def test_a_draft_is_changed_in_all_that_is_asked_or_in_nothing(admin_client: Client) -> None:
    for slug in ("one", "two"):
        make_video(slug)
    arms = [{"name": name, "selector": name} for name in ("raw", "gevaden")]
    made = {"slug": "spring", "name": "Spring", "arms": arms}
    admin_client.post("/api/v1/experiments", made, "application/json")
    address = "/api/v1/experiments/spring"
    edit = {"name": "Autumn", "planned_days": 7, "videos": ["two"], "arms": [
        {"name": "control", "selector": "raw"}, {"name": "GIF", "selector": "re_seq2seq"},
    ]}  # fmt: skip
    changed = admin_client.patch(address, edit, "application/json").json()
    assert (changed["name"], changed["planned_days"]) == ("Autumn", 7)
    assert [arm["name"] for arm in changed["arms"]] == ["control", "GIF"]
    draft = Experiment.objects.get()
    assert [video.slug for video in draft.videos.all()] == ["two"]
    wrong = {"videos": ["one"], "holdback": 2}
    answer = admin_client.patch(address, wrong, "application/json")
    assert (answer.status_code, list(answer.json())) == (400, ["holdback"])
    assert [video.slug for video in draft.videos.all()] == ["two"]
    for act in ("mark_as_trial", "leave_out_shared", "start"):
        assert admin_client.post(f"{address}/{act}", {}, "application/json").status_code == 200
    assert admin_client.patch(address, {"name": "x"}, "application/json").status_code == 409


def test_an_experiment_is_copied_and_a_draft_deleted(admin_client: Client) -> None:
    make_experiment()
    address = "/api/v1/experiments/pilot"
    made = admin_client.post(f"{address}/copy", {"why": "again"}, "application/json")
    assert (made.status_code, made.json()["state"]) == (201, "draft")
    copied = f"/api/v1/experiments/{made.json()['slug']}"
    deleted = admin_client.delete(copied, {"why": "a slip"}, "application/json")
    assert deleted.status_code == 204
    assert admin_client.get(copied).status_code == 404
    assert admin_client.delete(address, {"why": "no"}, "application/json").status_code == 409
