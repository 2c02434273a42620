"""Roles of people: each may what the one before it may, and more.

A role is a group of Django's with a permission of its own; whoever holds the permission has the
role, by the group or alone. `manage.py migrate` makes the groups and gives them what they hold.
"""

from enum import IntEnum

from django.apps import AppConfig
from django.contrib.auth.models import (
    AbstractBaseUser,
    AbstractUser,
    AnonymousUser,
    Group,
    Permission,
)
from django.db.models import Q

from experiments.models.experiment import ROLE_PERMISSIONS

APP = "experiments"


class Role(IntEnum):
    """Who somebody is to the site, the least first."""

    ANYONE = 0
    VIEWER_OF_REPORTS = 1
    ANALYST = 2
    OPERATOR = 3
    ADMINISTRATOR = 4

    @property
    def label(self) -> str:
        """The group's name, as a person reads it."""
        return self.name.replace("_", " ").capitalize()

    @property
    def codename(self) -> str:
        """The permission that makes the role."""
        return ROLE_PERMISSIONS[self - 1][0]


PEOPLE = tuple(role for role in Role if role is not Role.ANYONE)


def role_of(user: AbstractBaseUser | AnonymousUser) -> Role:
    """Return the highest role whose permission the user holds; a superuser holds all."""
    if not isinstance(user, AbstractUser) or not user.is_active:
        return Role.ANYONE
    if user.is_superuser:
        return PEOPLE[-1]
    held = _held_codenames(user)
    return next((role for role in reversed(PEOPLE) if role.codename in held), Role.ANYONE)


def _held_codenames(user: AbstractUser) -> set[str]:
    """Return the roles' permissions that the user holds, asked once for as long as it lives.

    Django's own way asks twice on every page, for the user's own and for the groups'.
    """
    kept: set[str] | None = getattr(user, "roles_held", None)
    if kept is None:
        holders = Q(user=user) | Q(group__user=user)
        of_roles = Permission.objects.filter(
            holders,
            content_type__app_label=APP,
            codename__in=[role.codename for role in PEOPLE],
        )
        kept = set(of_roles.values_list("codename", flat=True))
        user.roles_held = kept  # type: ignore[attr-defined]  # as Django keeps its own there
    return kept


def make_groups(sender: AppConfig, **_: object) -> None:  # noqa: ARG001  a signal's signature
    """Make the groups, and give each what its role and those before it hold."""
    for role in PEOPLE:
        group, _made = Group.objects.get_or_create(name=role.label)
        group.permissions.set(Permission.objects.filter(_held_by(role)))


def _held_by(role: Role) -> Q:
    """Return the permissions of a role, those of the tables in Django's admin among them."""
    of_roles = {each.codename for each in PEOPLE}
    ours = Q(content_type__app_label=APP)
    held = ours & Q(codename__in={each.codename for each in PEOPLE if each <= role})
    if role >= Role.OPERATOR:
        held |= ours & ~Q(codename__in=of_roles)
    if role is Role.ADMINISTRATOR:
        held |= Q(content_type__app_label__in=("auth", "axes"))
    return held
