"""One's own account: codes of an authenticator app beside the password."""

import base64
import io
from http import HTTPStatus

import qrcode
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django_otp.plugins.otp_totp.models import TOTPDevice
from qrcode.image.svg import SvgPathImage

from experiments.audit import record_act

NAME = "authenticator app"


@never_cache
def own_account(request: HttpRequest) -> HttpResponse:
    """Show whether codes are asked for; begin, confirm or end that."""
    user = get_object_or_404(User, pk=request.user.pk)
    match request.POST.get("act"):
        case "begin":
            TOTPDevice.objects.filter(user=user, confirmed=False).delete()
            TOTPDevice.objects.create(user=user, name=NAME, confirmed=False)
        case "confirm" | "end" as act:
            return _by_code(request, user, ends=act == "end")
        case _:
            pass
    return _page(request, user)


def _by_code(request: HttpRequest, user: User, *, ends: bool) -> HttpResponse:
    """Confirm the device, or end it, where the code is its own."""
    device = TOTPDevice.objects.filter(user=user, confirmed=ends).first()
    code = request.POST.get("code", "").replace(" ", "")
    if device is None or not device.verify_is_allowed()[0] or not device.verify_token(code):
        said = "That code is not right: type the one that the app shows now."
        return _page(request, user, said)
    if ends:
        device.delete()
        messages.success(request, "Codes are off: your password alone lets you in.")
    else:
        device.confirmed = True
        device.save(update_fields=["confirmed"])
        messages.success(request, "Codes are on: the next login asks for one.")
    record_act("account", user.username, "end codes" if ends else "begin codes")
    return redirect("console:account")


def _page(request: HttpRequest, user: User, problem: str = "") -> HttpResponse:
    devices = {each.confirmed: each for each in TOTPDevice.objects.filter(user=user)}
    begun = devices.get(False)
    context = {
        "has_codes": True in devices,
        "begun": begun,
        "picture": _picture(begun.config_url) if begun else "",
        "secret": base64.b32encode(begun.bin_key).decode() if begun else "",
        "problem": problem,
    }
    status = HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK
    return render(request, "console/own_account.html", context, status=status)


def _picture(url: str) -> str:
    """Return an address as the picture that a telephone reads."""
    file = io.BytesIO()
    qrcode.make(url, image_factory=SvgPathImage, border=2).save(file)
    return "data:image/svg+xml;base64," + base64.b64encode(file.getvalue()).decode()
