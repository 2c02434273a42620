"""Copies of experiments, and the page that asks before one is deleted."""

import pytest
from django.test import Client

from experiments.design import Design
from experiments.models import AuditEntry, Experiment
from experiments.serving import lifecycle
from tests.experiments.analysis.report.cast import counted_study
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


def test_a_copy_is_a_draft_of_the_same_design_dealt_out_anew(console: Client) -> None:
    study = counted_study(slug="spring", margin=0.1)
    page = console.get("/console/experiments/spring/").content.decode()
    assert "Copy as a new draft" in page
    to = console.post("/console/experiments/spring/copy/")["Location"]
    assert to == "/console/experiments/spring-2/edit/question/"
    copy = Experiment.objects.get(slug="spring-2")
    assert (copy.state, copy.name, copy.margin) == ("draft", "spring, copy", 0.1)
    assert Design.of(copy).arms == Design.of(study).arms
    assert set(copy.videos.all()) == set(study.videos.all())
    assert copy.salt != study.salt
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.subject, entry.after["copy_of"]) == ("draft", "spring-2", "spring")
    lifecycle.start(copy)


def test_a_draft_is_deleted_for_a_reason(console: Client) -> None:
    make_experiment("other")
    console.post("/console/experiments/other/copy/")
    address = "/console/experiments/other-2/delete/"
    assert address in console.get("/console/experiments/other-2/edit/arms/").content.decode()
    assert "nobody has seen it" in console.get(address).content.decode()
    assert "This field is required." in console.post(address, {"why": ""}).content.decode()
    page = console.post(address, {"why": "a try"}, follow=True).content.decode()
    assert "other, copy is deleted." in page
    assert Experiment.objects.get().slug == "other"


def test_what_runs_is_not_deleted(console: Client) -> None:
    make_experiment("other")
    address = "/console/experiments/other/delete/"
    assert address not in console.get("/console/experiments/other/").content.decode()
    assert "other is running: end it first" in console.get(address).content.decode()
    page = console.post(address, {"why": "now"}, follow=True).content.decode()
    assert "Nothing was deleted: other is running: end it first." in page
