"""Rows from before the life cycle become rows that it keeps."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from experiments.models import Arm, Experiment, Phase, Video
from experiments.serving import allocation_phases
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db
migration: Any = import_module("experiments.migrations.0014_phases_of_the_life_cycle")


@pytest.fixture
def without_constraints() -> None:
    """Take away what 0015 adds, until the test's transaction is rolled back."""
    constraints = {
        "experiment": ("experiment_slug", "experiment_has_name"),
        "arm": ("arm_has_name",),
        "video": ("video_slug",),
    }
    with connection.cursor() as cursor:
        for table, names in constraints.items():
            for name in names:
                cursor.execute(f"ALTER TABLE experiments_{table} DROP CONSTRAINT {name}")


@pytest.mark.usefixtures("without_constraints")
def test_slugs_and_names_become_such_as_can_be_shown() -> None:
    for slug in ("a-b", "a/b", "Été 🎬", "🎬", "fine_1"):
        experiment = Experiment.objects.create(slug=slug, name="")
        Arm.objects.create(experiment=experiment, index=0, name="", selector="raw")
    Video.objects.create(slug="c d", title="")
    migration.mend_slugs(apps, None)
    migration.mend_names(apps, None)
    slugs = Experiment.objects.order_by("pk").values_list("slug", flat=True)
    assert list(slugs) == ["a-b", "ab", "ete", "experiment", "fine_1"]
    assert Video.objects.get().slug == "c-d"
    assert not Experiment.objects.filter(name="").exists()
    assert not Arm.objects.filter(name="").exists()


@pytest.mark.usefixtures("without_constraints")
def test_a_mended_slug_that_is_taken_gets_a_number() -> None:
    for slug in ("ab", "a/b", "a//b"):
        Experiment.objects.create(slug=slug, name=slug)
    migration.mend_slugs(apps, None)
    slugs = Experiment.objects.order_by("pk").values_list("slug", flat=True)
    assert list(slugs) == ["ab", "ab-2", "ab-3"]


def test_what_has_ended_has_no_open_phase_and_what_runs_has_one() -> None:
    ended, running = make_experiment("ended"), make_experiment("running")
    Experiment.objects.filter(pk=ended.pk).update(state="ended", ended_at=timezone.now())
    never_asked = make_experiment("never-asked")
    never_asked.phases.all().delete()
    weightless = make_experiment("weightless")
    weightless.phases.all().delete()
    weightless.arms.update(weight=0)
    migration.end_phases(apps, None)
    migration.open_phases(apps, None)
    ended.refresh_from_db()
    assert ended.phases.get().ended_at == ended.ended_at
    assert set(Phase.objects.filter(ended_at=None).values_list("experiment", flat=True)) == {
        running.pk,
        never_asked.pk,
    }
    assert allocation_phases.plan(never_asked).allocation.shares() == pytest.approx(
        {0: 1 / 3, 1: 1 / 3, 2: 1 / 3}
    )
    assert not weightless.phases.exists()


def test_arms_have_the_weights_of_the_last_phase() -> None:
    same, changed = make_experiment("same", weights=(1, 2, 3)), make_experiment("changed")
    allocation_phases.change(changed, weights={0: 1, 1: 0, 2: 3})
    migration.weigh_arms(apps, None)
    assert list(same.arms.values_list("weight", flat=True)) == [1, 2, 3]
    assert list(changed.arms.values_list("weight", flat=True)) == [0.25, 0, 0.75]
