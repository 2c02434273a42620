"""The page of webhooks: addresses that are told what happens here, and what was sent to them."""

from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from experiments.errors import InvalidValuesError
from experiments.models import Webhook, WebhookDelivery
from experiments.webhooks import addresses
from experiments.webhooks.kinds import CHOSEN

DELIVERIES_A_PAGE = 50


class WebhookForm(forms.Form):
    """An address, and what it is told."""

    url = forms.CharField(label="Address", help_text="As https://example.org/coverlift.")
    kinds = forms.MultipleChoiceField(
        label="It is told when",
        choices=[(kind.value, kind.label) for kind in CHOSEN],
        widget=forms.CheckboxSelectMultiple,
    )


@never_cache
def webhooks(request: HttpRequest) -> HttpResponse:
    """Show the webhooks and what was sent; make one, whose secret is shown this once."""
    form = WebhookForm(request.POST or None)
    made = _made(form) if form.is_valid() else None
    sent = WebhookDelivery.objects.select_related("webhook").defer("body")
    context = {
        "form": WebhookForm() if made else form,
        "made": made,
        "webhooks": Webhook.objects.all(),
        "page": Paginator(sent, DELIVERIES_A_PAGE).get_page(request.GET.get("page")),
    }
    status = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    return render(request, "console/webhooks.html", context, status=status)


@require_POST
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a webhook, switch it, or take it away."""
    webhook = get_object_or_404(Webhook, pk=pk)
    match request.POST.get("act"):
        case "try":
            addresses.send_a_try(webhook)
            messages.success(request, "A message is on its way: see below what it is answered.")
        case "on" | "off" as state:
            addresses.switch(webhook, is_on=state == "on")
        case "remove":
            addresses.remove(webhook)
            messages.success(request, f"{webhook} is told nothing any more.")
        case unknown:
            messages.error(request, f"act == {unknown!r}, must be try, on, off or remove")
    return redirect("console:webhooks")


@require_POST
def retry(request: HttpRequest, key: str) -> HttpResponse:
    """Send a message once more."""
    addresses.retry(get_object_or_404(WebhookDelivery.objects.select_related("webhook"), key=key))
    messages.success(request, "It is sent again within seconds.")
    return redirect("console:webhooks")


def _made(form: WebhookForm) -> Webhook | None:
    try:
        return addresses.make(form.cleaned_data["url"], form.cleaned_data["kinds"])
    except InvalidValuesError as error:
        for name, problem in error.problems.items():
            form.add_error(name, problem)
        return None
