"""The page of people: accounts, their roles, and links by which passwords are set."""

from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django_otp.plugins.otp_totp.models import TOTPDevice

from server import accounts
from server.accounts import AccountError
from server.roles import PEOPLE, Role

MOST_SHOWN = 500
ROLES = [(int(role), role.label) for role in PEOPLE]


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    """A new account."""

    role = forms.TypedChoiceField(choices=ROLES, coerce=lambda text: Role(int(text)))

    class Meta:
        model = User
        fields = ("username",)
        labels = {"username": "Name"}  # noqa: RUF012  Django's own declaration
        help_texts = {"username": "Letters, digits and @ . + - _"}  # noqa: RUF012


@never_cache
def people(request: HttpRequest) -> HttpResponse:
    """Show the accounts; make one, whose link for a password is shown this once."""
    form = AccountForm(request.POST or None)
    if form.is_valid():
        accounts.make(form.instance, form.cleaned_data["role"])
        return _page(request, AccountForm(), link_of=form.instance)
    return _page(request, form)


@require_POST
@never_cache
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Act on one account, and go back to all."""
    user = get_object_or_404(User, pk=pk)
    act = request.POST.get("act", "")
    if act == "link":
        return _page(request, AccountForm(), link_of=user)
    try:
        said = _done(request, user, act)
    except AccountError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect("console:people")


def _done(request: HttpRequest, user: User, act: str) -> str:
    """Do one act on an account; return a sentence on it."""
    by = get_object_or_404(User, pk=request.user.pk)
    match act:
        case "role":
            role = _role(request.POST.get("role", ""))
            accounts.give_role(user, role, by=by)
            return f"{user.username} is now: {role.label}"
        case "close" | "open":
            accounts.set_open(user, is_open=act == "open", by=by)
            return f"The account of {user.username} is {'open' if act == 'open' else 'closed'}"
        case "remove_codes":
            accounts.remove_codes(user)
            return f"{user.username} logs in by the password alone now"
        case unknown:
            raise AccountError(f"act == {unknown!r}, must be role, close, open or remove_codes")


def _role(text: str) -> Role:
    try:
        return PEOPLE[[str(int(role)) for role in PEOPLE].index(text)]
    except ValueError:
        raise AccountError(f"role == {text!r}, must be one of those in the list") from None


def _page(request: HttpRequest, form: AccountForm, link_of: User | None = None) -> HttpResponse:
    path = accounts.password_path(link_of) if link_of else ""
    devices = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
    users = User.objects.annotate(has_codes=Exists(devices)).order_by("-is_active", "username")
    shown = users.prefetch_related("groups__permissions__content_type")[:MOST_SHOWN]
    context = {
        "form": form,
        "link": request.build_absolute_uri(path) if path else "",
        "link_of": link_of,
        "people": [(user, _shown_role(user)) for user in shown],
        "roles": ROLES,
    }
    status = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    return render(request, "console/people.html", context, status=status)


def _shown_role(user: User) -> int:
    """Return the role by the groups that the page has read; a superuser has the highest."""
    if user.is_superuser:
        return int(Role.ADMINISTRATOR)
    names = {group.name for group in user.groups.all()}
    return max((int(role) for role in PEOPLE if role.label in names), default=0)
