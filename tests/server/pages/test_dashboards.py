"""The analysts' pages: every number is the report's."""

import json
import re

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from experiments.analysis.report import formatting, sentences, verdict_sentences
from experiments.analysis.report.build import build
from experiments.choice import Choice
from experiments.events.rollup import roll_up
from experiments.models import TwoWayError
from experiments.serving import lifecycle
from experiments.serving.decision import Shipment, ship
from experiments.unit import ASSIGNED_UNITS, Unit
from server.roles import Role
from tests.experiments.analysis.report.cast import (
    FOUR_VIDEOS,
    LOPSIDED,
    WATCHED_VIDEOS,
    add_day,
    counted_study,
    watched,
)
from tests.experiments.beacons import visit
from tests.experiments.world import make_experiment, make_video
from tests.reading import as_read
from tests.server.people import logged_in

pytestmark = pytest.mark.django_db


def text_of(client: Client, address: str) -> str:
    """Return a page as a reader sees its characters, with plain spaces."""
    answer = client.get(address)
    assert answer.status_code == 200
    return as_read(answer.content.decode())


def table_row(page: str, arm: str) -> str:
    """Return an arm's row of Table 3."""
    rows: list[str] = re.findall(r"<tr class=.*?</tr>", page, flags=re.DOTALL)
    return next(row for row in rows if f"</span>{arm}<" in row)


def test_table_3_holds_every_figure_of_the_record(client: Client) -> None:
    report = build(counted_study())
    page = text_of(client, "/dashboards/pilot/")
    for arm in report.arms:
        row = table_row(page, arm.name)
        figures = [
            formatting.mean(arm.mean_views.value),
            formatting.mean(arm.mean_clicks.value),
            formatting.percent(arm.mean_ctr.value),
            formatting.interval(arm.mean_ctr),
            formatting.percent(arm.pooled_ctr.value),
            formatting.interval(arm.pooled_ctr),
        ]
        if arm.comparison is not None:
            figures += [
                formatting.signed_percent(arm.comparison.improvement.value),
                formatting.interval(arm.comparison.simultaneous_improvement, 1, signed=True),
                formatting.p_value(arm.comparison.p_value_adjusted).removeprefix("= "),
                formatting.p_value(arm.comparison.p_value).removeprefix("= "),
            ]
        assert [figure for figure in figures if figure not in row] == []


def test_every_figure_has_its_name_where_a_phone_stacks_the_tables(client: Client) -> None:
    counted_study(WATCHED_VIDEOS)
    page = client.get("/dashboards/pilot/").content.decode()
    tables = re.findall(r'<table class="arms">.*?</table>', page, flags=re.DOTALL)
    captions = re.findall(r'aria-label="([^"]+)"><table class="arms">', page)
    assert {"Every measure", "The funnel"} < set(captions)
    cells = [cell for table in tables for cell in re.findall(r"<td[^>]*>", table)]
    assert cells
    assert [cell for cell in cells if "data-name=" not in cell] == []


def test_every_metric_has_its_figures_and_what_they_veto(client: Client) -> None:
    counts = tuple(tuple((10 * v, 10 * c, long) for v, c, long in row) for row in WATCHED_VIDEOS)
    counts = tuple((*row[:2], (*row[2][:2], row[2][2] // 3)) for row in counts)
    report = build(counted_study(counts))
    page = text_of(client, "/dashboards/pilot/")
    metric = watched(report)
    section = page[page.index("Watched clicks per view") :]
    assert "at most 5 % worse than the control" in section
    for line in metric.arms:
        row = table_row(section, line.arm)
        figures = [formatting.whole(line.events), formatting.percent(line.mean.value)]
        if line.change is not None:
            figures += [
                formatting.signed_percent(line.change.value),
                formatting.interval(line.change, 1, signed=True),
                formatting.p_value(line.p_value_adjusted).removeprefix("= "),
                sentences.kept(line),
            ]
        assert [figure for figure in figures if figure not in row] == []
    assert sentences.veto(report, report.arms[2]) in page


def test_a_metric_of_nothing_says_so(client: Client) -> None:
    counted_study()
    assert "Not compared: nothing was counted for it." in text_of(client, "/dashboards/pilot/")


def test_the_headline_and_the_other_arms_sentences_are_there(client: Client) -> None:
    report = build(counted_study())
    page = text_of(client, "/dashboards/pilot/")
    assert sentences.headline(report) in page
    assert sentences.finding(report, report.arms[1]) in page
    assert sentences.share_check(report.srm) in page


def test_charts_carry_the_records_figures(client: Client) -> None:
    experiment = counted_study(ended=False)
    add_day(experiment, FOUR_VIDEOS, day=1)
    report = build(experiment)
    page = client.get("/dashboards/pilot/").content.decode()
    found = dict(
        re.findall(r'<script id="figure-(\w+)" type="application/json">(.*?)</script>', page)
    )
    assert list(found) == ["rates", "improvements", "bands", "videos", "days"]
    drawn = [trace["x"] for trace in json.loads(found["rates"])["data"]]
    assert drawn == [[arm.mean_ctr.value] for arm in report.arms]


def test_bands_stay_after_the_end_and_say_where_there_are_none(client: Client) -> None:
    by_viewer = counted_study(slug="viewers", ended=False, unit=Unit.VIEWER)
    assert "There are no bands by day: by viewer they are computed aside" in text_of(
        client, f"/dashboards/{by_viewer.slug}/"
    )
    ended = counted_study(slug="ended")
    assert 'id="figure-bands"' in text_of(client, f"/dashboards/{ended.slug}/")


def test_the_page_needs_nothing_from_elsewhere(client: Client) -> None:
    counted_study()
    for address in ("/dashboards/", "/dashboards/pilot/", "/dashboards/pilot/thumbnails/", "/"):
        page = client.get(address, follow=True).content.decode()
        assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []


@pytest.mark.parametrize("address", ["pilot/", "pilot/thumbnails/"])
def test_simulated_traffic_is_said_on_every_page(client: Client, address: str) -> None:
    counted_study(simulated="drawn by a model")
    assert "drawn by a model" in text_of(client, f"/dashboards/{address}")


def test_real_traffic_is_not_called_simulated(client: Client) -> None:
    counted_study()
    assert "simulated" not in text_of(client, "/dashboards/pilot/").lower()


def test_a_mismatch_of_shares_is_red_and_comes_before_the_headline(client: Client) -> None:
    report = build(counted_study(LOPSIDED))
    page = text_of(client, "/dashboards/pilot/")
    assert page.index(sentences.share_check(report.srm)) < page.index(sentences.headline(report))
    assert '<span class="badge bad">mismatch</span>' in page


def test_a_running_experiment_says_what_its_plan_allows(client: Client) -> None:
    report = build(counted_study(ended=False))
    page = text_of(client, "/dashboards/pilot/")
    assert verdict_sentences.stopping(report) in page
    assert "looks at any moment" in page


def test_left_out_videos_are_named_with_their_reason(client: Client) -> None:
    thin = (*FOUR_VIDEOS, ((3, 0), (900, 50), (900, 60)))
    counted_study(thin, min_views=100)
    page = text_of(client, "/dashboards/pilot/")
    assert "4 included, 1 left out" in page
    assert "1: fewer than 100 views in arm 'raw'" in page
    assert "pilot-4" in page


def test_an_experiment_without_events_says_what_to_do_instead_of_numbers(client: Client) -> None:
    make_experiment()
    page = text_of(client, "/dashboards/pilot/")
    assert "No comparison yet" in page
    assert "Nothing to compare yet" in page
    assert 'href="/feed/pilot/"' in page
    assert "not defined" not in page
    assert "nan" not in re.sub(r"<[^>]*>", "", page).lower().split()
    assert "figure-rates" not in page


def test_the_design_and_its_test_are_named(client: Client) -> None:
    counted_study()
    page = text_of(client, "/dashboards/pilot/")
    assert "Assigned by viewer and video. Test: paired by video, fixed horizon." in page


def test_thumbnails_stand_side_by_side_in_the_order_of_the_arms(client: Client) -> None:
    experiment = make_experiment(videos=1)
    experiment.videos.add(make_video("bare", selectors=("raw",)))
    page = text_of(client, "/dashboards/pilot/thumbnails/")
    pictures = re.findall(r'src="/media/thumbnails/pilot-0-(\w+)"', page)
    assert pictures == ["raw", "re_seq2seq", "gevaden"]
    assert page.count("no thumbnail") == 2
    assert page.count('figure class="arm-1 moves"') == 1


def test_a_catalogue_without_pictures_says_so(client: Client) -> None:
    experiment = make_experiment(videos=1)
    experiment.videos.set([make_video("entry", selectors=())])
    page = text_of(client, "/dashboards/pilot/thumbnails/")
    assert "None of the experiment's 1 video has a thumbnail" in page


def test_thumbnails_of_many_videos_come_in_pages(client: Client) -> None:
    make_experiment(videos=21)
    assert "Page 1 of 2" in text_of(client, "/dashboards/pilot/thumbnails/")
    last = text_of(client, "/dashboards/pilot/thumbnails/?page=2")
    assert last.count('class="panel strip"') == 1
    assert client.get("/dashboards/none/thumbnails/").status_code == 404


def test_the_thumbnails_of_a_map_are_those_that_the_feed_shows(client: Client) -> None:
    experiment = make_experiment("spring", videos=2)
    lifecycle.end(experiment)
    first, second = experiment.videos.order_by("pk")
    ship(experiment, Shipment(Choice.MAP, "gevaden", pictures={first.pk: "re_seq2seq"}))
    page = text_of(client, "/dashboards/spring-shipped/thumbnails/")
    shown = re.findall(r'src="/media/thumbnails/(spring-\d-\w+)"', page)
    assert shown == ["spring-0-raw", "spring-0-re_seq2seq", "spring-1-raw", "spring-1-gevaden"]
    assert second.slug == "spring-1"


def test_an_arm_whose_clicks_are_missing_is_named_above_the_headline(client: Client) -> None:
    report = build(counted_study(tuple(((1000 + i, 50), (1010, 0)) for i in range(12))))
    page = text_of(client, "/dashboards/pilot/")
    (dead,) = report.dead_arms
    assert 0 < page.index(sentences.dead_arm(dead)) < page.index(sentences.headline(report))


@pytest.mark.parametrize(
    ("holdback", "told"),
    [(0.5, "over 4 videos"), (0.0, "Nobody is held back, so nothing is measured any more.")],
)
def test_what_was_shipped_is_told_with_what_is_measured_since(
    client: Client, holdback: float, told: str
) -> None:
    experiment = counted_study()
    made = ship(experiment, Shipment(Choice.ARM, "gevaden", holdback=holdback))
    if holdback:
        add_day(made.rollout, tuple((row[0], row[2]) for row in FOUR_VIDEOS))
    section = text_of(client, "/dashboards/pilot/").partition('aria-labelledby="shipped"')[2]
    assert "gevaden is shipped" in section
    assert told in section.partition("</section>")[0]
    assert "/dashboards/pilot-shipped/" in section
    assert "shipped" in text_of(client, "/dashboards/pilot-shipped/")


@pytest.mark.parametrize("unit", ASSIGNED_UNITS)
@pytest.mark.parametrize("videos", [3, 30])
@override_settings(PUBLIC_REPORTS=False)
def test_a_look_at_a_report_takes_few_queries_and_the_next_one_fewer(
    unit: str, videos: int
) -> None:
    """Four of them ask who it is: the session, the account, and its rights, own and of groups."""
    experiment = make_experiment(videos=videos, unit=unit)
    for viewer in range(30):
        visit(f"v{viewer}", clicks=lambda slot: slot.position % 2 == 0)
    roll_up()
    TwoWayError.objects.create(
        experiment=experiment, watermark=1, took_s=1, sums=1, comparisons=[], inflation=1.3, df=20
    )
    client, counted = logged_in(Role.VIEWER_OF_REPORTS), []
    client.get("/dashboards/decisions/")  # renews the session
    for address in ("", "", "?only=device:phone"):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"/dashboards/pilot/{address}").status_code == 200
        counted.append(len(asked))
    assert counted[0] <= 15
    assert max(counted[1:]) <= 4 + 4
