"""Log in and out."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from server import first_operator
from server.console.typed import carried


class Login(LoginView):
    """The login of operators, back to where they were."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form; on a new site, the one that makes the first account."""
        if first_operator.is_wanted():
            return redirect("console:first")
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Carry on what was typed before, through a wrong password too."""
        return super().get_context_data(**kwargs, typed=carried(self.request))

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Lead back to where the person was, or show what had not been sent."""
        answer = super().form_valid(form)
        if typed := carried(self.request):
            return render(self.request, "console/send_again.html", {"typed": typed})
        return answer
