"""The first visit to a new site: the first operator's account."""

from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_lockout_response
from django import forms
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from experiments.audit import record_act
from server import first_operator
from server.first_operator import FirstOperatorError, WrongCodeError

BACKEND = "django.contrib.auth.backends.ModelBackend"


class FirstOperatorForm(UserCreationForm):  # type: ignore[type-arg]  # generic in the stubs alone
    """A name and a password, by the rules of all accounts, and the code that was printed."""

    field_order = ("code", "username", "password1", "password2")
    code = forms.CharField(
        label="Code",
        max_length=100,
        help_text="Printed where the site was started; its link fills it in.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


@sensitive_post_parameters()
def first_visit(request: HttpRequest) -> HttpResponse:
    """Make the first account and log it in; wrong codes wait like wrong passwords."""
    if not first_operator.is_wanted():
        return redirect("console:login")
    if not AxesProxyHandler.is_allowed(request):
        locked: HttpResponse = get_lockout_response(request)
        return locked
    form = FirstOperatorForm(request.POST or None)
    if form.is_valid() and _made(request, form):
        messages.success(request, "Welcome: this is your console. Everything begins with a video.")
        return redirect("console:today")
    return render(request, "console/first_visit.html", {"form": form})


def _made(request: HttpRequest, form: FirstOperatorForm) -> bool:
    """Make the account; where that cannot be, say so in the form."""
    given = form.cleaned_data
    try:
        with transaction.atomic():
            user = first_operator.make(given["code"], given["username"], given["password1"])
            login(request, user, BACKEND)
            record_act("account", user.get_username(), "make the first account")
    except WrongCodeError as error:
        user_login_failed.send(__name__, credentials={"username": "first"}, request=request)
        form.add_error("code", str(error))
    except FirstOperatorError as error:
        form.add_error(None, str(error))
    else:
        return True
    return False
