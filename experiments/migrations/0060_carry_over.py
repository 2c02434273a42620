from django.db import migrations, models

# Errors kept before have no carry-over; those whose units were seen in two arms are computed again.
_RENEW = "UPDATE experiments_twowayerror SET watermark = -1 WHERE crossed > 0"


class Migration(migrations.Migration):
    """Carry-over between the arms of an experiment, kept with the error by viewer and video."""

    dependencies = [('experiments', '0059_counts_by_minute')]

    operations = [
        migrations.AddField(
            model_name='twowayerror',
            name='carry_over',
            field=models.JSONField(
                default=list,
                help_text='Each arm whose units saw another before: views, clicks, and the click rates by what they saw; empty where shares never changed.',
            ),
        ),
        migrations.RunSQL(_RENEW, migrations.RunSQL.noop),
    ]
