"""Parameters, pages, filters and ETags of the API's lists."""

import pytest
from django.test import Client

from experiments.models import Experiment, Video
from tests.experiments.analysis.report.cast import counted_study
from tests.experiments.world import make_experiment, make_video

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("address", "name", "known"),
    [
        ("videos?stat=failed", "stat", "error_code, experiment, page, page_size, state, title"),
        ("videos/v?state=ready", "state", "none"),
        ("experiments?x=1", "x", "page, page_size, simulated, state, video"),
        ("experiments/pilot/counts?bot=1", "bot", "bots, by, page, page_size, surface"),
        ("reports/pilot?cross=without", "cross", "crossed"),
        ("rejections?reason=forged", "reason", "none"),
    ],
)
def test_a_parameter_that_is_not_known_is_refused(
    client: Client, address: str, name: str, known: str
) -> None:
    counted_study()
    answer = client.get(f"/api/v1/{address}")
    assert answer.status_code == 400
    assert answer.json() == {name: [f"there is no such parameter, only: {known}"]}


def test_a_page_has_a_bound(client: Client) -> None:
    Video.objects.bulk_create(Video(slug=f"v{i}", title="v") for i in range(600))
    page = client.get("/api/v1/videos?page_size=100000").json()
    assert (page["count"], len(page["results"])) == (600, 500)
    assert "page=2" in page["next"]


def test_filters(client: Client, admin_client: Client) -> None:
    experiment = make_experiment(videos=1)
    make_video("other")
    Experiment.objects.create(slug="draft", name="Draft", simulated="by dice")

    def slugs(address: str) -> list[str]:
        return [each["slug"] for each in client.get(f"/api/v1/{address}").json()["results"]]

    assert slugs("videos?experiment=pilot") == ["pilot-0"]
    assert slugs("videos?title=OTH") == ["other"]
    assert slugs("videos?state=failed") == []
    assert slugs("experiments?state=draft") == ["draft"]
    assert slugs("experiments?simulated=false") == [experiment.slug]
    assert slugs("experiments?video=pilot-0") == ["pilot"]
    assert client.get("/api/v1/videos?state=fine").status_code == 400
    for moment in ("1554-10-11T14:50:43+16:11", "2026-01-01T00:00:00Z"):
        answer = admin_client.get("/api/v1/audit", {"since": moment})
        assert answer.status_code == 200
    assert admin_client.get("/api/v1/audit", {"since": "0001-01-01T00:00+01:00"}).status_code == 400


def test_what_has_not_changed_is_told_in_a_few_bytes(client: Client) -> None:
    make_video("v")
    first = client.get("/api/v1/videos")
    again = client.get("/api/v1/videos", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    Video.objects.update(title="Another")
    changed = client.get("/api/v1/videos", headers={"if-none-match": first["ETag"]})
    assert (changed.status_code, changed["ETag"] != first["ETag"]) == (200, True)
    assert "ETag" not in client.get("/")
