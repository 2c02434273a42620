"""A form that was sent when its session had ended: what was typed goes with the login.

The login page carries the fields, and after it a page offers to send them to where they were for.
Files and passwords are not carried.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import reswap, retarget

from server.console.login_form import LoginForm

PREFIX, ADDRESS = "typed-", "typed_address"
NOT_CARRIED = ("csrfmiddlewaretoken", "password")
STOP_ASKING = 286  # htmx's own status: a page that asks again and again stops


@dataclass(frozen=True, slots=True)
class Typed:
    """A form's fields, and the address of this site that they are for."""

    address: str
    fields: Sequence[tuple[str, str]]


def ask_to_log_in(request: HttpRequest) -> HttpResponse:
    """Answer whoever is not logged in: with the login, which keeps a form's fields."""
    if request.headers.get("HX-Request"):
        return _notice(request)
    if request.headers.get("Tus-Resumable"):
        return HttpResponseForbidden("Your session has ended: log in, and the upload goes on.")
    if request.method != "POST":
        return redirect_to_login(request.get_full_path(), reverse("console:login"))
    typed = Typed(request.get_full_path(), _kept(request.POST))
    context = {"form": LoginForm(request), "typed": typed}
    return render(request, "console/login.html", context, status=403)


def answer_stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose page is older than the last login: nothing is lost, and nothing done.

    Django calls it where the token of a form does not fit. A form of this very site may be sent
    again by hand, with a token that fits; one that another site sends gets a refusal.
    """
    del reason  # for programmers
    is_own = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    if not is_own or request.path.startswith("/api/"):
        said = "That came from another page than this site's, so it was not done."
        return render(request, "403.html", {"exception": said}, status=403)
    if request.headers.get("HX-Request"):
        answer = render(request, "console/stale_notice.html", status=STOP_ASKING)
        return reswap(retarget(answer, "#notice"), "innerHTML")
    if request.path == reverse("console:login"):
        return redirect("console:today")
    if not request.user.is_authenticated:
        return ask_to_log_in(request)
    typed = Typed(request.get_full_path(), _kept(request.POST))
    context = {"typed": typed, "is_stale": True, "has_files": bool(request.FILES)}
    return render(request, "console/send_again.html", context, status=403)


def carried(request: HttpRequest) -> Typed | None:
    """Return the form that came with a login; None where none did, or its address is another's."""
    address = request.POST.get(ADDRESS, "")
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}):
        return None
    fields = [
        (name.removeprefix(PREFIX), value)
        for name, values in request.POST.lists()
        if name.startswith(PREFIX)
        for value in values
    ]
    return Typed(address, fields)


def _kept(form: QueryDict) -> list[tuple[str, str]]:
    return [
        (name, str(value))
        for name, values in form.lists()
        if not any(word in name for word in NOT_CARRIED)
        for value in values
    ]


def _notice(request: HttpRequest) -> HttpResponse:
    """Say it on the page itself, and leave all that is typed there alone."""
    answer = render(request, "console/session_ended.html", status=STOP_ASKING)
    return reswap(retarget(answer, "#notice"), "innerHTML")
