"""Each file says which encoder made it, so that a new format makes only the files that are missing.

Of files made so far none is known: they are made again when their thumbnails are.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("experiments", "0016_measures"),
    ]

    operations = [
        migrations.AddField("thumbnail", "frames_key", models.CharField(blank=True, help_text="Of the video and the shots that the files show.", max_length=64, default=""), preserve_default=False),
        migrations.AlterField("thumbnail", "renditions", models.JSONField(default=list, help_text="Every file: {name, file, media_type, size_bytes, width, height, encoder}.")),
        migrations.RemoveField("thumbnail", "encoder"),
        migrations.RemoveField("thumbnail", "encoding_key"),
    ]
