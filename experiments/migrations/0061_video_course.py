import django.db.models.deletion
from django.db import migrations, models

# The summaries of ended experiments are made once more, and their courses with them.
_RENEW = "UPDATE experiments_reportsummary SET watermark = -1 WHERE state = 'ended'"


class Migration(migrations.Migration):
    """The course of an ended experiment by its videos, kept for whoever looks at its report."""

    dependencies = [('experiments', '0060_carry_over')]

    operations = [
        migrations.CreateModel(
            name='VideoCourse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('watermark', models.BigIntegerField(help_text='Of the counts that it was made of.')),
                ('looks', models.JSONField(help_text="Each day, and the arms' means and errors up to its end.")),
                ('experiment', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='video_course', to='experiments.experiment')),
            ],
        ),
        migrations.RunSQL(_RENEW, migrations.RunSQL.noop),
    ]
