"""The page of keys: of sites that embed Coverlift, and of the operator's own programs."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from experiments.access_keys import MAX_DAYS, issue, revoke
from experiments.errors import InvalidValuesError, StateError
from experiments.models import AccessKey
from experiments.scope import Scope

SITE_RIGHT = "experiments.add_accesskey"
MOST_SHOWN = 200


class KeyForm(forms.Form):
    """What both kinds of key have; what cannot be, `issue` says."""

    name = forms.CharField(help_text="Where it is used.")
    days = forms.IntegerField(
        label="Days until it expires",
        required=False,
        help_text=f"From 1 to {MAX_DAYS}; empty for never.",
    )

    def add_problems(self, problems: Mapping[str, str]) -> None:
        """Show each problem beside its field."""
        for name, problem in problems.items():
            self.add_error(name if name in self.fields else None, problem)


class SiteForm(KeyForm):
    """The key of a site."""

    prefix = "site"
    origins = forms.CharField(
        label="Origins whose pages may use it",
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "https://shop.example"}),
        help_text="One a line, as https://shop.example.",
    )

    def asked(self) -> dict[str, Any]:
        """Return what is to be made."""
        given = self.cleaned_data
        return {**given, "origins": given["origins"].split(), "scopes": [Scope.EMBED.value]}


class TokenForm(KeyForm):
    """A personal token."""

    prefix = "token"
    scopes = forms.MultipleChoiceField(
        label="Opens",
        choices=[
            (Scope.READ.value, "read: experiments, videos, reports, counts"),
            (Scope.MANAGE.value, "manage: the same, and whatever changes something"),
        ],
        widget=forms.CheckboxSelectMultiple,
    )

    def asked(self) -> dict[str, Any]:
        """Return what is to be made."""
        return dict(self.cleaned_data)


@never_cache
def keys(request: HttpRequest) -> HttpResponse:
    """Show sites' keys and the operator's own tokens; make one, whose text is shown this once."""
    kind = request.POST.get("kind", "")
    if kind == "site" and not request.user.has_perm(SITE_RIGHT):
        raise PermissionDenied
    site = SiteForm(request.POST if kind == "site" else None)
    token = TokenForm(request.POST if kind == "token" else None)
    form = site if kind == "site" else token if kind == "token" else None
    made = _made(request, form) if form is not None else None
    context = {
        "site_form": SiteForm() if made else site,
        "token_form": TokenForm() if made else token,
        "made": made,
        "may_make_site_keys": request.user.has_perm(SITE_RIGHT),
        "keys": _shown(request)[:MOST_SHOWN],
        "now": timezone.now(),
    }
    refused = form is not None and made is None
    status = HTTPStatus.BAD_REQUEST if refused else HTTPStatus.OK
    return render(request, "console/keys.html", context, status=status)


@require_POST
def revoke_key(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke one of the keys that the page shows this operator."""
    key = get_object_or_404(_shown(request), pk=pk)
    if key.user is None and not request.user.has_perm(SITE_RIGHT):
        raise PermissionDenied
    try:
        revoke(key)
    except StateError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{key} is revoked: it opens nothing any more.")
    return redirect("console:keys")


def _made(request: HttpRequest, form: SiteForm | TokenForm) -> tuple[AccessKey, str] | None:
    """Return the new key and its text; None where the form says what is wrong."""
    if not form.is_valid():
        return None
    person = request.user if isinstance(request.user, User) else None
    try:
        return issue(**form.asked(), user=person if isinstance(form, TokenForm) else None)
    except InvalidValuesError as error:
        form.add_problems(error.problems)
        return None


def _shown(request: HttpRequest) -> QuerySet[AccessKey]:
    """Return the keys of sites, and the operator's own tokens."""
    return AccessKey.objects.filter(Q(user=None) | Q(user=request.user.pk))
