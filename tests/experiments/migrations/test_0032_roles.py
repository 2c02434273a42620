"""Staff from before there were roles get one."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission, User

from server.roles import Role, role_of

pytestmark = pytest.mark.django_db
migration: Any = import_module("experiments.migrations.0032_roles")


def test_staff_who_might_change_things_become_operators_and_others_analysts() -> None:
    changing = User.objects.create_user("ann", is_staff=True)
    changing.user_permissions.add(Permission.objects.get(codename="change_video"))
    reading = User.objects.create_user("bea", is_staff=True)
    nobody = User.objects.create_user("cem")
    migration.give_roles(apps, None)
    users = (User.objects.get(pk=each.pk) for each in (changing, reading, nobody))
    assert [role_of(user) for user in users] == [Role.OPERATOR, Role.ANALYST, Role.ANYONE]
