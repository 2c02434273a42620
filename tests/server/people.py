"""People of a test, each with one role."""

from django.contrib.auth.models import Group, User
from django.test import Client

from server.roles import Role


def person(role: Role, name: str = "") -> User:
    """Make an account with this role, which is its only right."""
    user = User.objects.create_user(name or role.name.lower())
    if role is not Role.ANYONE:
        user.groups.add(Group.objects.get(name=role.label))
    user.is_staff = role is Role.ADMINISTRATOR  # whom Django's admin lets in
    user.save()
    return user


def logged_in(role: Role, name: str = "") -> Client:
    """Return the browser of somebody with this role."""
    client = Client()
    client.force_login(person(role, name))
    return client
