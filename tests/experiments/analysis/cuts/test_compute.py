"""Cuts are computed with the two-way error, kept, and shown alike on every door."""

import json
from dataclasses import asdict

import pytest
from django.test import Client

from experiments.analysis import two_way
from experiments.analysis.cuts import compute
from experiments.analysis.report.build import build
from experiments.analysis.report.cache import current
from experiments.analysis.report.document import as_document
from experiments.analysis.report.text import as_text
from experiments.events.rollup import roll_up
from experiments.models import Experiment, TwoWayError
from tests.experiments.analysis.visits import Seen, come_back
from tests.experiments.world import make_experiment
from tests.reading import as_read

# The computation takes a snapshot, which a test's own transaction would keep from it.
pytestmark = pytest.mark.django_db(transaction=True)


def computed(videos: int = 12, viewers: int = 60) -> tuple[Experiment, list[Seen]]:
    experiment = make_experiment(videos=videos)
    seen = come_back("pilot", viewers)
    roll_up()
    two_way.compute(experiment.pk)
    return experiment, seen


def test_slices_hold_every_view_and_click_once() -> None:
    experiment, seen = computed()
    report = build(experiment)
    assert report.cuts is not None
    assert (report.cuts.views, report.cuts.of_views) == (len(seen), len(seen))
    for cut in report.cuts.cuts:
        for arm in range(3):
            of_arm = [part.arms[arm] for part in cut.slices]
            views = [view for view in seen if view.arm == arm]
            assert sum(line.views for line in of_arm) == len(views)
            assert sum(line.clicks for line in of_arm) == sum(view.clicked for view in views)
    by_number = {part.name: part for cut in report.cuts.cuts for part in cut.slices}
    first = sum(line.views for line in by_number["1"].arms)
    assert first == len({view.viewer for view in seen})


def test_of_many_viewers_some_at_random_are_read_and_the_page_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(two_way, "VIEWS_A_PART", 600)
    monkeypatch.setattr(compute, "PARTS_AT_MOST", 1)
    experiment, seen = computed()
    report = build(experiment)
    assert report.cuts is not None
    assert 0 < report.cuts.views < report.cuts.of_views == len(seen)
    assert "by viewers picked at random" in " ".join(as_text(report).split())


def test_every_door_shows_the_same_cuts(client: Client) -> None:
    experiment, _ = computed()
    report = current(experiment)
    assert report.cuts is not None
    kept = json.loads(json.dumps(asdict(report.cuts.cuts[1]), default=str).replace("NaN", "null"))
    for document in (as_document(report), client.get("/api/v1/reports/pilot").json()):
        assert document["cuts"]["cuts"][1] == kept
    page = as_read(client.get("/dashboards/pilot/").content.decode())
    text = " ".join(as_text(report).split())
    for said in document["cuts"]["said"]:
        assert said in text
        assert said.partition(": ")[2] in page or said in page
    rows = client.get("/dashboards/pilot/charts/cut-position.csv").content.decode().splitlines()
    assert len(rows) == 1 + 3 * len(report.cuts.cuts[1].slices)


def test_a_filter_is_kept_in_the_address_and_says_what_it_leaves(client: Client) -> None:
    computed()
    page = client.get("/dashboards/pilot/?only=position:4-10").content.decode()
    assert 'value="position:4-10" selected' in page
    assert "Only place on the page: place 4 to 10." in page
    assert "The figures of this panel alone are filtered" in page
    unknown = client.get("/dashboards/pilot/?only=position:nowhere").content.decode()
    assert "No view is of &#x27;position:nowhere&#x27;" in unknown


def test_a_filtered_page_says_so_at_its_top_and_shows_the_slice_s_funnel(client: Client) -> None:
    experiment, _ = computed()
    cuts = current(experiment).cuts
    assert cuts is not None
    part = next(cut for cut in cuts.cuts if cut.name == "position").slices[1]
    page = as_read(client.get(f"/dashboards/pilot/?only=position:{part.name}").content.decode())
    assert page.index("A filter is set") < page.index('class="headline')
    funnel = page[page.index("Funnel of these views alone") :].partition("</table>")[0]
    for line in part.arms:
        row = funnel[funnel.index(f"</span>{line.arm}<") :].partition("</tr>")[0]
        assert f'<td data-name="viewable">{line.views}</td>' in row
        assert f'<td data-name="click">{line.clicks}</td>' in row
    by_viewers = as_read(client.get("/dashboards/pilot/?only=viewers:new").content.decode())
    assert "Its funnel and its days are not kept" in by_viewers
    assert "A filter is set" not in client.get("/dashboards/pilot/").content.decode()


def test_two_cuts_at_once_hold_every_view_once_and_have_a_filter(client: Client) -> None:
    experiment, _ = computed()
    cuts = current(experiment).cuts
    assert cuts is not None
    assert [pair.name for pair in cuts.pairs] == [
        "position-and-device", "position-and-viewers", "device-and-viewers",
    ]  # fmt: skip
    by_name = {cut.name: cut for cut in cuts.cuts}
    for pair in cuts.pairs:
        first = pair.name.partition("-and-")[0]
        for part in by_name[first].slices:
            inside = [each for each in pair.slices if each.name.startswith(f"{part.name}-and-")]
            for arm, line in enumerate(part.arms):
                assert sum(each.arms[arm].views for each in inside) == line.views
                assert sum(each.arms[arm].clicks for each in inside) == line.clicks
    only, also = "only=viewers%3Anew", "also=position%3A4-10"
    page = client.get(f"/dashboards/pilot/?{only}&{also}").content.decode()
    assert "Only place on the page and new and returning viewers: place 4 to 10, on their" in page
    assert 'value="position:4-10" selected' in page
    assert "/dashboards/pilot/charts/cut-position-and-viewers.csv" in page
    table = client.get("/dashboards/pilot/charts/cut-position-and-viewers.csv").content.decode()
    assert len(table.splitlines()) == 1 + 3 * len(cuts.pairs[1].slices)
    refused = client.get(f"/dashboards/pilot/?{only}&also=number%3A1").content.decode()
    assert "These two are not kept together" in refused.replace("\N{NO-BREAK SPACE}", " ")


def test_before_they_are_computed_the_page_says_what_to_do(client: Client) -> None:
    make_experiment(videos=2)
    come_back("pilot", 3)
    roll_up()
    page = client.get("/dashboards/pilot/?only=device:phone").content.decode()
    assert "are not computed yet" in page.replace("\N{NO-BREAK SPACE}", " ")
    TwoWayError.objects.create(
        experiment=Experiment.objects.get(), watermark=1, took_s=1, sums=1, comparisons=[]
    )
    assert build(Experiment.objects.get()).cuts is None
