"""The form that lets people in."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django_otp import match_token, user_has_device


class LoginForm(AuthenticationForm):
    """Name, password, and the code of those who use codes."""

    code = forms.CharField(
        required=False,
        max_length=16,
        help_text="If your account asks for one: as your authenticator app shows it now.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a wrong code after a right password; wrong ones wait longer each time."""
        given = super().clean()
        user = self.get_user()
        code = self.cleaned_data.get("code", "").replace(" ", "")
        if user is not None and user_has_device(user) and match_token(user, code) is None:
            raise ValidationError("This account also asks for a code, and that one is not right.")
        return given
