"""Roles of people: whoever was staff before becomes an operator, or an analyst without rights."""

from typing import Any

from django.db import migrations
from django.db.models import Q

MAY_CHANGE = ("change_experiment", "change_video")


def give_roles(apps: Any, schema_editor: object) -> None:
    Group = apps.get_model("auth", "Group")
    User = apps.get_model("auth", "User")
    operators, _ = Group.objects.get_or_create(name="Operator")
    analysts, _ = Group.objects.get_or_create(name="Analyst")
    own = Q(user_permissions__codename__in=MAY_CHANGE)
    by_group = Q(groups__permissions__codename__in=MAY_CHANGE)
    staff = User.objects.filter(is_staff=True, is_superuser=False)
    changing = set(staff.filter(own | by_group).values_list("pk", flat=True))
    for user in staff:
        user.groups.add(operators if user.pk in changing else analysts)


class Migration(migrations.Migration):

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("experiments", "0031_access_keys"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="experiment",
            options={
                "ordering": ("-started_at", "slug"),
                "permissions": (
                    ("read_reports", "Can read reports"),
                    ("analyse", "Can read all numbers and judge"),
                    ("operate", "Can use the console"),
                    ("administer", "Can manage accounts and tables"),
                ),
            },
        ),
        migrations.RunPython(give_roles, migrations.RunPython.noop),
    ]
