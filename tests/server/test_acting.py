"""Who asks, as the audit log has it: each act leaves one entry, whatever door it came by."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from PIL import Image
from pytest_django.fixtures import Settings

from experiments.design import ArmDesign
from experiments.making import intake
from experiments.models import AuditEntry, Creative, Experiment, Intake, Thumbnail, Video
from experiments.serving import drafts, lifecycle
from tests.clips import write_clip
from tests.experiments.analysis.report.cast import counted_study
from tests.experiments.world import make_experiment, make_video
from tests.server.console.tasks import noted

pytestmark = pytest.mark.django_db
ARMS = (ArmDesign("raw", "raw"), ArmDesign("gevaden", "gevaden"))
Act = Callable[[Client], object]


@pytest.fixture(autouse=True)
def sent(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Keep files in the test's own folder, and note what is sent to workers."""
    settings.MEDIA_ROOT, settings.UPLOADS_ROOT = tmp_path / "media", tmp_path / "uploads"
    return noted(monkeypatch)


def draft(slug: str = "spring") -> Experiment:
    made = drafts.open_draft(slug.title(), "")
    drafts.set_videos(made, Video.objects.filter(pk=make_video(f"v-{slug}").pk))
    drafts.set_arms(made, ARMS)
    return made


def stand(state: str) -> Experiment:
    """Make an experiment in a state, without help of the acts that are looked at."""
    make_video("another")
    if state == "draft":
        return draft()
    study = counted_study(slug="spring", ended=False)
    if state in {"ended", "decided"}:
        lifecycle.end(study)
    if state == "paused":
        lifecycle.pause(study)
    if state == "decided":
        call_command("decide_experiment", "spring", "--keep-control")
    return study


def console(name: str, **given: object) -> Act:
    """Return an act of the page of an experiment that has started."""

    def act(client: Client) -> object:
        seen = client.get("/console/experiments/spring/").context["seen"]
        fields = {f"{name}-{field}": value for field, value in given.items()}
        body = {"act": name, "seen": seen, f"{name}-why": "because", **fields}
        return client.post("/console/experiments/spring/", body)

    return act


def api(at: str, **body: Any) -> Act:
    address = f"/api/v1/experiments/spring/{at}"
    return lambda client: client.post(address, body, "application/json")


def step(at: str, **body: Any) -> Act:
    return lambda client: client.post(f"/console/experiments/spring/edit/{at}/", body)


def command(*words: str) -> Act:
    return lambda _: call_command(*words)


WEIGHTS = {"raw": 1, "re_seq2seq": 1, "gevaden": 2}
OF_EXPERIMENTS: list[tuple[str, str, Act]] = [
    ("draft", "console", step("question", name="Other", question="Why?")),
    ("draft", "console", step("videos", which="all")),
    ("draft", "console", step("launch", act="start", ramp="1", why="now")),
    ("draft", "api", api("start")),
    ("draft", "console", lambda client: client.post("/console/experiments/spring/trial/mark/")),
    ("running", "console", console("ramp", ramp="0.5")),
    ("running", "api", api("change", weights=WEIGHTS)),
    ("running", "command", command("change_experiment", "spring", "--ramp", "0.5")),
    ("running", "console", console("drop", arm="gevaden")),
    ("running", "api", api("drop", arm="gevaden")),
    ("running", "command", command("change_experiment", "spring", "--drop", "gevaden")),
    ("running", "api", api("add", name="again", selector="raw")),
    ("running", "command", command("change_experiment", "spring", "--add", "again=raw")),
    ("running", "console", console("pause")),
    ("running", "api", api("pause")),
    ("running", "command", command("change_experiment", "spring", "--pause")),
    ("paused", "console", console("resume")),
    ("paused", "api", api("resume")),
    ("paused", "command", command("change_experiment", "spring", "--resume")),
    ("running", "api", api("end")),
    ("running", "command", command("end_experiment", "spring")),
    ("ended", "api", api("decide", choice="control")),
    ("ended", "command", command("decide_experiment", "spring", "--ship", "gevaden")),
    ("decided", "console", console("take_back")),
    ("decided", "api", api("take_back")),
    ("decided", "command", command("decide_experiment", "spring", "--take-back")),
]


@pytest.mark.parametrize(("state", "door", "act"), OF_EXPERIMENTS)
def test_an_act_on_an_experiment_leaves_one_entry(
    admin_client: Client, state: str, door: str, act: Act
) -> None:
    stand(state)
    before = AuditEntry.objects.count()
    act(admin_client)
    entries = list(AuditEntry.objects.all()[: AuditEntry.objects.count() - before])
    assert [(each.door, each.kind, each.subject) for each in entries] == [
        (door, "experiment", "spring")
    ]
    assert entries[0].before != entries[0].after


def test_a_step_that_changes_nothing_leaves_none(admin_client: Client) -> None:
    draft()
    before = AuditEntry.objects.count()
    step("question", name="Spring", question="")(admin_client)
    assert AuditEntry.objects.count() == before
    step("question", name="Spring", question="Why?")(admin_client)
    latest = AuditEntry.objects.latest("pk")
    assert (latest.before, latest.after) == ({"question": ""}, {"question": "Why?"})


def picture(name: str) -> SimpleUploadedFile:
    file = BytesIO()
    Image.new("RGB", (320, 180)).save(file, "PNG")
    return SimpleUploadedFile(name, file.getvalue())


def pick(client: Client) -> object:
    Thumbnail.objects.update(shot_length_s=1)
    given = {"selector": "gevaden", "act": "pick", "shot": "3"}
    return client.post("/console/videos/v1/pick/", given)


def pick_by_api(client: Client) -> object:
    body = {"selector": "gevaden", "shots_s": [3]}
    return client.post("/api/v1/videos/v1/pick", body, "application/json")


def bring(client: Client) -> object:
    given = {"act": "creative", "creative-name": "c" * 40, "creative-file": picture("a.png")}
    return client.post("/console/videos/v1/creatives/", given)


def bring_by_api(client: Client) -> object:
    given = {"name": "cover", "file": picture("a.png")}
    return client.post("/api/v1/videos/v1/creatives", given)


def remove(client: Client) -> object:
    Creative.objects.create(
        video=Video.objects.get(slug="v1"), name="c", file="x", content_sha256="1", size_bytes=1
    )
    return client.post("/console/videos/v1/creatives/remove/", {"name": "c"})


def retry(client: Client) -> object:
    Video.objects.filter(slug="v1").update(state="failed", error_code="lost")
    return client.post("/console/videos/v1/retry/")


def retry_by_api(client: Client) -> object:
    Video.objects.filter(slug="v1").update(state="failed", error_code="lost")
    return client.post("/api/v1/videos/v1/retry", {}, "application/json")


def retry_all(client: Client) -> object:
    make_video("v2")
    Video.objects.update(state="failed", error_code="lost")
    return client.post("/console/making/act/", {"act": "retry"})


def pause_all(client: Client) -> object:
    make_video("v2")
    Video.objects.update(state="waiting")
    return client.post("/console/making/act/", {"act": "pause"})


def put_first(client: Client) -> object:
    Video.objects.update(state="waiting")
    return client.post("/console/making/act/", {"act": "first", "video": "v1"})


OF_VIDEOS: list[tuple[str, tuple[str, str, str], Act]] = [
    ("console", ("video", "v1", "pick shots"), pick),
    ("api", ("video", "v1", "pick shots"), pick_by_api),
    ("console", ("video", "v1", "bring a picture"), bring),
    ("api", ("video", "v1", "bring a picture"), bring_by_api),
    ("console", ("video", "v1", "take a picture away"), remove),
    ("console", ("video", "v1", "try again"), retry),
    ("api", ("video", "v1", "try again"), retry_by_api),
    ("console", ("making", "queue", "try again"), retry_all),
    ("console", ("making", "queue", "pause the making"), pause_all),
    ("console", ("video", "v1", "put first in the queue"), put_first),
    (
        "console",
        ("video", "v1", "delete"),
        lambda client: client.post("/console/deletion/", {"video": "v1", "why": "licence"}),
    ),
    ("command", ("viewer", "one", "forget"), command("forget_viewer", "ada")),
]


@pytest.mark.parametrize(("door", "entry", "act"), OF_VIDEOS)
def test_an_act_on_videos_leaves_one_entry(
    admin_client: Client, door: str, entry: tuple[str, str, str], act: Act
) -> None:
    make_video("v1")
    act(admin_client)
    (found,) = AuditEntry.objects.all()
    assert (found.door, (found.kind, found.subject, found.act)) == (door, entry)


def test_a_film_that_comes_in_is_an_act_of_who_brought_it(
    admin_client: Client, tmp_path: Path
) -> None:
    write_clip(tmp_path / "walk.mp4", seconds=3)
    film = SimpleUploadedFile("walk.mp4", (tmp_path / "walk.mp4").read_bytes())
    admin_client.post("/api/v1/uploads", {"file": film})
    assert not AuditEntry.objects.exists()
    assert intake.check_next()  # a worker, which is nobody
    (taken,) = AuditEntry.objects.all()
    assert (taken.who, taken.door, taken.kind, taken.act) == ("admin", "api", "video", "take in")
    assert taken.subject == Intake.objects.get().video.slug  # type: ignore[union-attr]
    write_clip(tmp_path / "run.mp4", seconds=4, seed=1)
    call_command("import_videos", str(tmp_path), verbosity=0)
    imported = AuditEntry.objects.latest("pk")
    assert (imported.door, imported.act, imported.subject) == ("command", "take in", "run")
    assert AuditEntry.objects.count() == 2


def test_the_log_names_the_account_and_the_door(client: Client) -> None:
    make_experiment()
    client.force_login(User.objects.create_superuser("ann"))
    body = {"why": "an outage"}
    answer = client.post("/api/v1/experiments/pilot/pause", body, content_type="application/json")
    assert answer.status_code == 200
    entry = AuditEntry.objects.get()
    assert (entry.who, entry.door, entry.act, entry.why) == ("ann", "api", "pause", "an outage")
