from django.db import migrations, models

# Errors kept before have no course; those that are to have one are computed once more.
_RENEW = """
UPDATE experiments_twowayerror SET watermark = -1 WHERE experiment_id IN (
    SELECT id FROM experiments_experiment WHERE unit = 'viewer'
    UNION SELECT experiment_id FROM experiments_experiment_videos
    GROUP BY experiment_id HAVING count(*) < 10)"""


class Migration(migrations.Migration):
    """The course of an experiment by its viewers, kept with the error by viewer and video."""

    dependencies = [('experiments', '0057_event_order')]

    operations = [
        migrations.AddField(
            model_name='twowayerror',
            name='course',
            field=models.JSONField(
                default=list,
                help_text="By viewer, where viewers are the sample: each day, and the arms' means and errors up to its end.",
            ),
        ),
        migrations.RunSQL(_RENEW, migrations.RunSQL.noop),
    ]
