from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("experiments", "0012_storyboard")]

    operations = [
        migrations.RenameField(model_name="twowayerror", old_name="cells", new_name="sums"),
    ]
