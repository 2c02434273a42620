"""Brings what is there to what the life cycle keeps: slugs for addresses, phases that end.

Afterwards every started experiment has phases, the last one open exactly while it runs, and an
arm's weight is that of the last phase. The constraints of 0015 hold for every row.
"""

from typing import Any

from django.db import migrations
from django.utils.text import slugify

from experiments.serving.assignment import allocate

SLUG = "[-a-zA-Z0-9_]+"


def mend_slugs(apps: Any, schema_editor: Any) -> None:
    for name, kind in (("Experiment", "experiment"), ("Video", "video")):
        model = apps.get_model("experiments", name)
        for row in model.objects.exclude(slug__regex=f"^{SLUG}$").order_by("pk"):
            row.slug = _free_slug(model, slugify(row.slug)[:40] or kind)
            row.save(update_fields=["slug"])


def _free_slug(model: Any, stem: str) -> str:
    taken = set(model.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return stem if stem not in taken else next(slug for slug in numbered if slug not in taken)


def mend_names(apps: Any, schema_editor: Any) -> None:
    for name in ("Experiment", "Arm"):
        for row in apps.get_model("experiments", name).objects.filter(name=""):
            row.name = f"unnamed {row.pk}"
            row.save(update_fields=["name"])


def end_phases(apps: Any, schema_editor: Any) -> None:
    """End the open phase of what has ended, though never before it began."""
    Phase = apps.get_model("experiments", "Phase")
    for phase in Phase.objects.filter(ended_at=None, experiment__state="ended"):
        phase.ended_at = max(phase.started_at, phase.experiment.ended_at)
        phase.save(update_fields=["ended_at"])


def open_phases(apps: Any, schema_editor: Any) -> None:
    """Open the first phase of what was started and has not been asked for an arm yet."""
    Experiment, Phase, Cell = (
        apps.get_model("experiments", name) for name in ("Experiment", "Phase", "Cell")
    )
    for experiment in Experiment.objects.exclude(state="draft").filter(phases=None):
        weights = dict(experiment.arms.values_list("index", "weight"))
        if not any(weights.values()):
            continue  # nobody could be given an arm: the site says so
        allocation = allocate(weights)
        phase = Phase.objects.create(
            experiment=experiment,
            number=1,
            allocation=list(zip(allocation.uppers, allocation.arms, strict=True)),
            started_at=experiment.started_at,
            ended_at=experiment.ended_at,
        )
        Cell.objects.bulk_create(
            Cell(phase=phase, arm=arm, share=allocation.shares().get(arm.index, 0.0))
            for arm in experiment.arms.all()
        )


def weigh_arms(apps: Any, schema_editor: Any) -> None:
    """Give arms whose weights were changed the shares of the last phase."""
    Experiment = apps.get_model("experiments", "Experiment")
    for experiment in Experiment.objects.filter(phases__number__gt=1).distinct():
        last = experiment.phases.order_by("number").last()
        for cell in last.cells.select_related("arm"):
            cell.arm.weight = cell.share
            cell.arm.save(update_fields=["weight"])


class Migration(migrations.Migration):
    dependencies = [("experiments", "0013_two_way_sums")]

    operations = [
        migrations.RunPython(forwards, migrations.RunPython.noop)
        for forwards in (mend_slugs, mend_names, end_phases, open_phases, weigh_arms)
    ]
