from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('experiments', '0018_widened_errors'),
    ]

    operations = [
        migrations.RenameField('daycount', 'viewable', 'views'),
        migrations.RenameField('daycount', 'click', 'clicks'),
        migrations.RenameField('hourcount', 'viewable', 'views'),
        migrations.RenameField('hourcount', 'click', 'clicks'),
    ]
