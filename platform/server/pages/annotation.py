"""The annotator's page: one proposal, to be accepted or rejected."""

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from experiments.annotation import desk
from experiments.models import Judgement, Proposal

ANSWERS = {"accept": True, "reject": False}


@require_safe
def next_one(request: HttpRequest) -> HttpResponse:
    """Go to the next proposal that this annotator has not judged, or say that there is none."""
    annotator = annotator_of(request)
    proposal = desk.next_proposal(annotator)
    if proposal:
        return redirect("annotate-proposal", pk=proposal.pk)
    return render(request, "annotation/done.html", _context(annotator))


@require_safe
def agreement(request: HttpRequest) -> HttpResponse:
    """Show how far annotators agree; apart from the proposals, where it would sway them."""
    return render(request, "annotation/agreement.html", {"agreements": desk.agreements()})


@require_http_methods(["GET", "HEAD", "POST"])
def proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one proposal; take the annotator's answer and go on to the next."""
    annotator = annotator_of(request)
    shown = get_object_or_404(Proposal.objects.select_related("video"), pk=pk)
    if request.method == "POST":
        answer = request.POST.get("answer", "")
        if answer not in ANSWERS:
            return HttpResponseBadRequest(f"answer == {answer!r}, must be accept or reject")
        desk.judge(shown, annotator, accepted=ANSWERS[answer])
        return redirect("annotate")
    said = Judgement.objects.filter(proposal=shown, annotator=annotator).first()
    return render(
        request,
        "annotation/proposal.html",
        {**_context(annotator, before=shown), "proposal": shown, "said": said},
    )


def _context(annotator: User, *, before: Proposal | None = None) -> dict[str, object]:
    return {
        "progress": desk.progress(annotator),
        "last": desk.last_judged(annotator, before=before),
    }


def annotator_of(request: HttpRequest) -> User:
    """Return who asks: the decorator lets in nobody without an account."""
    if not isinstance(request.user, User):
        raise TypeError(f"request.user == {request.user!r}, must be a user")
    return request.user
