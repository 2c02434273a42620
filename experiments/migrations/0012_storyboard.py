from typing import Any

from django.db import migrations, models


def rename_step(apps: Any, schema_editor: Any) -> None:
    videos = apps.get_model("experiments", "Video").objects
    videos.filter(step="strip").update(step="storyboard")


def rename_step_back(apps: Any, schema_editor: Any) -> None:
    videos = apps.get_model("experiments", "Video").objects
    videos.filter(step="storyboard").update(step="strip")


class Migration(migrations.Migration):

    dependencies = [
        ("experiments", "0011_selection_of_thumbnails"),
    ]

    operations = [
        migrations.RenameField("video", "strip", "storyboard"),
        migrations.AlterField(
            model_name="video",
            name="storyboard",
            field=models.JSONField(blank=True, help_text="Its frames on one sheet: {file, times_s, columns, ...}.", null=True),
        ),
        migrations.AlterField(
            model_name="video",
            name="step",
            field=models.CharField(blank=True, choices=[("probe", "Probe"), ("decode", "Decode"), ("features", "Features"), ("select", "Select"), ("encode", "Encode"), ("storyboard", "Storyboard")], help_text="Begun last.", max_length=10),
        ),
        migrations.RunPython(rename_step, rename_step_back),
    ]
