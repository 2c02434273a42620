"""The role of whoever reads a page, asked once; Django's own `perms` asks the database twice."""

from django import template
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from server.roles import Role, role_of

register = template.Library()


@register.filter
def is_at_least(user: AbstractBaseUser | AnonymousUser, role: str) -> bool:
    """Tell whether somebody has a role, named as in `Role`, or one that may more."""
    return role_of(user) >= Role[role.upper()]
