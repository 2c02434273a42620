"""Log in, by a password and, where the account has them, a code; set a password by a link."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.contrib.auth.views import LoginView, PasswordResetConfirmView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy

from experiments.audit import record_act
from server import first_operator
from server.console.login_form import LoginForm
from server.console.typed import carried
from server.roles import Role, role_of


class SetPassword(PasswordResetConfirmView):
    """A person's own password, set by the link that an administrator passed on."""

    template_name = "console/password.html"
    success_url = reverse_lazy("console:login")
    reset_url_token = "set"  # noqa: S105  a part of the address

    def form_valid(self, form: SetPasswordForm) -> HttpResponse:  # type: ignore[type-arg]  # generic in the stubs alone
        """Set it, and leave an entry; whoever has the link acts."""
        with transaction.atomic():
            answer = super().form_valid(form)
            record_act("account", form.user.get_username(), "set the password")
        return answer


class Login(LoginView):
    """The login of people with a role, back to where they were."""

    form_class = LoginForm
    template_name = "console/login.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form; on a new site, the one that makes the first account."""
        if first_operator.is_wanted():
            return redirect("console:first")
        return super().get(request, *args, **kwargs)

    def get_default_redirect_url(self) -> str:
        """Lead operators to the console, and readers to the reports."""
        operates = role_of(self.request.user) >= Role.OPERATOR
        return reverse("console:today" if operates else "dashboards")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Carry on what was typed before, through a wrong password too."""
        return super().get_context_data(**kwargs, typed=carried(self.request))

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Lead back to where the person was, or show what had not been sent."""
        answer = super().form_valid(form)
        if typed := carried(self.request):
            return render(self.request, "console/send_again.html", {"typed": typed})
        return answer
