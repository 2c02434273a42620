"""Adds the state "paused", and lets the database hold what names and slugs may be."""

from django.db import migrations, models

SLUG = "^[-a-zA-Z0-9_]+$"


class Migration(migrations.Migration):
    dependencies = [("experiments", "0014_phases_of_the_life_cycle")]

    operations = [
        migrations.AlterField(
            model_name="arm",
            name="weight",
            field=models.FloatField(
                default=1.0,
                help_text="Share of the traffic, in proportion to the other arms'; as of now.",
            ),
        ),
        migrations.AlterField(
            model_name="experiment",
            name="min_views",
            field=models.PositiveIntegerField(
                default=1,
                help_text="A video counts only where every arm has at least so many views.",
            ),
        ),
        migrations.AlterField(
            model_name="experiment",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "draft"),
                    ("running", "running"),
                    ("paused", "paused"),
                    ("ended", "ended"),
                ],
                default="draft",
                max_length=7,
            ),
        ),
        migrations.AddConstraint(
            model_name="arm",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="arm_has_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="experiment",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["draft", "running", "paused", "ended"])),
                name="experiment_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="experiment",
            constraint=models.CheckConstraint(
                condition=models.Q(("slug__regex", SLUG)), name="experiment_slug"
            ),
        ),
        migrations.AddConstraint(
            model_name="experiment",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="experiment_has_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="video",
            constraint=models.CheckConstraint(
                condition=models.Q(("slug__regex", SLUG)), name="video_slug"
            ),
        ),
    ]
