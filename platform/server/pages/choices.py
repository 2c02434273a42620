"""The choice between two thumbnails, blind: nothing on the page tells who made which."""

import csv
import io
import json

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from experiments.annotation import choices
from experiments.annotation.export_choices import COLUMNS, choice_rows
from experiments.models import Choice, Thumbnail
from server.console.pictures import picture
from server.pages.annotation import annotator_of

SALT = "choice"
Answer = Choice.Answer
NEITHER = [(Answer.BOTH_BAD, "Both are bad", "b"), (Answer.SKIPPED, "Skip", "s")]  # and their keys
FORMS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


@require_http_methods(["GET", "HEAD", "POST"])
def choice(request: HttpRequest) -> HttpResponse:
    """Show the next pair; take what is said of one, and go on."""
    annotator = annotator_of(request)
    if request.method == "POST":
        answer, pair = request.POST.get("answer", ""), _shown(request.POST.get("pair", ""))
        if answer not in Answer.values:
            said = ", ".join(Answer.values)
            return HttpResponseBadRequest(f"answer == {answer!r}, must be one of {said}")
        if pair:
            choices.choose(pair, annotator, Answer(answer))
        return redirect("annotate-choices")
    found = choices.next_pair(annotator)
    sides = [(Answer.LEFT, found.left), (Answer.RIGHT, found.right)] if found else []
    context = {
        "pair": found,
        "sides": [(side, picture(thumbnail)) for side, thumbnail in sides],
        "neither": NEITHER,
        "token": _token(found) if found else "",
        "answered": choices.answered_by(annotator),
    }
    return render(request, "annotation/choice.html", context)


@require_safe
def export(request: HttpRequest, form: str) -> HttpResponse:
    """Return all choices as CSV or JSON."""
    del request
    if form not in FORMS:
        raise Http404(f"form == {form!r}, must be csv or json")
    rows = list(choice_rows())
    if form == "json":
        content = json.dumps(rows, indent=1)
    else:
        file = io.StringIO()
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
        content = file.getvalue()
    name = f'attachment; filename="choices.{form}"'
    headers = {"Content-Disposition": name}
    return HttpResponse(content, content_type=FORMS[form], headers=headers)


def _token(pair: choices.Pair) -> str:
    """Return what the form sends back of the pair, so that it is answered as it was shown."""
    seen = [[each.pk, each.shots_s] for each in (pair.left, pair.right)]
    return signing.dumps(seen, salt=SALT, compress=True)


def _shown(token: str) -> choices.Pair | None:
    """Return the pair that was shown; None where it was made again since, or the token is none."""
    try:
        seen = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    shown = []
    for pk, shots_s in seen:
        found = Thumbnail.objects.filter(pk=pk, shots_s=shots_s).select_related("video").first()
        shown.append(found)
    left, right = shown
    return choices.Pair(left, right) if left and right else None
