from django.db import migrations


class Migration(migrations.Migration):
    """A number for each block of events that another engine stores: the first of a key wins."""

    dependencies = [('experiments', '0056_viewer_flags')]

    operations = [
        migrations.RunSQL(
            'CREATE SEQUENCE experiments_event_order', 'DROP SEQUENCE experiments_event_order'
        ),
    ]
