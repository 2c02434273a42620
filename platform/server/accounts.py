"""Accounts of people: made, given a role, closed. Each act leaves an entry in the audit log.

A new account has no password: who it is for sets one, by a link that works once and for three days.
"""

from django.contrib.auth.models import Group, User
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django_otp import devices_for_user

from experiments.audit import record_act
from experiments.errors import CoverliftError
from server.roles import PEOPLE, Role, role_of

KIND = "account"


class AccountError(CoverliftError):
    """An act on an account that cannot be; the message says why."""


@transaction.atomic
def make(user: User, role: Role) -> None:
    """Store a new account with this role and no password yet."""
    user.set_unusable_password()
    user.save()
    _put(user, role)
    record_act(KIND, user.username, "make", after={"role": role.label})


@transaction.atomic
def give_role(user: User, role: Role, *, by: User) -> None:
    """Give the account this role in the place of the one it has.

    Raises:
        AccountError: where it is one's own: somebody must stay who can give it back.
    """
    _refuse_own(user, by, "role")
    before = role_of(user)
    _put(user, role)
    record_act(KIND, user.username, "change role", before={"role": before.label},
               after={"role": role.label})  # fmt: skip


@transaction.atomic
def set_open(user: User, *, is_open: bool, by: User) -> None:
    """Close the account, or open it again; a closed one's sessions and tokens end at once.

    Raises:
        AccountError: where it is one's own.
    """
    _refuse_own(user, by, "account")
    user.is_active = is_open
    user.save(update_fields=["is_active"])
    record_act(KIND, user.username, "open" if is_open else "close")


@transaction.atomic
def remove_codes(user: User) -> None:
    """Let the account log in by its password alone, as after a telephone is lost."""
    for device in devices_for_user(user, confirmed=None):
        device.delete()
    record_act(KIND, user.username, "remove codes")


def password_path(user: User) -> str:
    """Return the address at which the person sets a password; it ends with their next login."""
    number = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("console:password", args=[number, default_token_generator.make_token(user)])


def _put(user: User, role: Role) -> None:
    user.groups.remove(*Group.objects.filter(name__in=[each.label for each in PEOPLE]))
    if role is not Role.ANYONE:
        user.groups.add(Group.objects.get(name=role.label))
    user.is_superuser = False
    user.is_staff = role is Role.ADMINISTRATOR  # whom Django's admin lets in
    user.save(update_fields=["is_superuser", "is_staff"])


def _refuse_own(user: User, by: User, what: str) -> None:
    if user.pk == by.pk:
        raise AccountError(f"your own {what} is for another administrator to change")
