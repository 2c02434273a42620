"""The third step of a new experiment: what each viewer may see, chosen by picture."""

from collections.abc import Iterable
from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict

from experiments.cautions import caution
from experiments.design import ArmDesign
from experiments.errors import InvalidValuesError, StateError
from experiments.models import Experiment, Video
from experiments.serving import drafts
from experiments.serving.arm_choices import SAMPLES, ArmChoice, arm_choices
from server.console.pictures import Picture, picture
from server.console.steps import go_on, refused, show_step, step

PERCENT = 100.0
OWN = "appeal"  # our own selector
NAMES = {"raw": "Still", "gevaden": "GIF", "re_seq2seq": "GIF by attention", OWN: "GIF by appeal"}


class ArmsForm(forms.Form):
    """Carries the sentences about arms; their fields are one row for each choice."""


@dataclass(frozen=True, slots=True)
class Row:
    """One choice on the page, as it was typed or is stored.

    Attributes:
        choice: what the arm would show.
        picked: whether it is an arm.
        is_control: whether the others are compared to it.
        name: the arm's.
        share: in percent, as typed.
        problem: why the row cannot be; else empty.
    """

    choice: ArmChoice
    picked: bool
    is_control: bool
    name: str
    share: str
    problem: str = ""

    @property
    def caution(self) -> str:
        """What is not known of the model that would choose; "" where nothing is to be said."""
        return "" if self.choice.is_creative else caution(self.choice.selector)

    @property
    def pictures(self) -> list[tuple[str, Picture | None]]:
        """The title and the picture of each sample; None where it is not made yet."""
        return [
            (video.title, picture(thumbnail) if thumbnail else None)
            for video, thumbnail in self.choice.samples
        ]


@step
def arms(request: HttpRequest, draft: Experiment) -> HttpResponse:
    """Choose the arms and their shares."""
    choices = _choices(draft)
    form = ArmsForm(request.POST or None)
    if request.method == "POST":
        rows = _typed(choices, request.POST)
        picked = [row for row in rows if row.picked]
        problem = _problem(picked)
        if problem:
            form.add_error(None, problem)
        elif not any(row.problem for row in rows):
            try:
                drafts.set_arms(draft, _designs(picked))
            except (InvalidValuesError, StateError) as error:
                refused(form, error)
            else:
                return go_on(request, draft, "arms")
    else:
        rows = _stored(choices, draft)
    context = {"form": form, "rows": rows, "samples": SAMPLES}
    return show_step(request, draft, "arms", context)


def _choices(draft: Experiment) -> list[ArmChoice]:
    """Return what has pictures already, and what could be made."""
    found = arm_choices(draft.videos.all())
    known = {choice.selector for choice in found}
    sampled: list[Video] = list(draft.videos.order_by("pk")[:SAMPLES])
    unmade = [
        ArmChoice(selector, is_creative=False, videos=0, samples=tuple((v, None) for v in sampled))
        for selector in settings.SELECTORS
        if selector not in known
    ]
    return found + unmade


def _stored(choices: list[ArmChoice], draft: Experiment) -> list[Row]:
    """Return the draft's arms as rows; where it has none, the first and our own, half each."""
    arms = {arm.selector: arm for arm in draft.arms.order_by("index")}
    total = sum(arm.weight for arm in arms.values()) or 1.0
    if not arms:
        picked = _first_and_own(choices)
        return [
            Row(choice, choice in picked, choice is choices[0], _name(choice), share)
            for choice in choices
            for share in ["50" if choice in picked else "0"]
        ]
    return [
        Row(
            choice,
            arm is not None,
            arm is not None and arm.index == 0,
            arm.name if arm else _name(choice),
            f"{PERCENT * arm.weight / total:.4g}" if arm else "0",
        )
        for choice in choices
        for arm in [arms.get(choice.selector)]
    ]


def _first_and_own(choices: list[ArmChoice]) -> list[ArmChoice]:
    """Return the control and our own selector; another where the site does without it."""
    others = sorted(choices[1:], key=lambda choice: choice.selector != OWN)
    return [*choices[:1], *others[:1]]


def _typed(choices: list[ArmChoice], given: QueryDict) -> list[Row]:
    picked, control = given.getlist("arm"), given.get("control", "")
    return [
        Row(
            choice,
            choice.selector in picked,
            choice.selector == control,
            given.get(f"name-{choice.selector}", ""),
            given.get(f"share-{choice.selector}", ""),
            _row_problem(choice, given) if choice.selector in picked else "",
        )
        for choice in choices
    ]


def _problem(picked: list[Row]) -> str:
    """Return why the rows together are no set of arms; else empty."""
    if len(picked) < 2:
        return "Choose at least two: the control, and what is compared to it."
    if not any(row.is_control for row in picked):
        return "Choose which one the others are compared to: the control must be one of the arms."
    if any(row.problem for row in picked):
        return ""
    total = sum(float(row.share) for row in picked)
    if abs(total - PERCENT) > 0.5:
        return f"The shares add up to {total:g} %, must be 100 %."
    return ""


def _row_problem(choice: ArmChoice, given: QueryDict) -> str:
    if not given.get(f"name-{choice.selector}", "").strip():
        return "The name is empty: give it one."
    return _share_problem(given.get(f"share-{choice.selector}", ""))


def _share_problem(text: str) -> str:
    try:
        share = float(text)
    except ValueError:
        return f"The share is {text!r}, must be a number."
    return "" if 0 < share < PERCENT else f"The share is {text} %, must be over 0 and under 100 %."


def _designs(picked: Iterable[Row]) -> list[ArmDesign]:
    ordered = sorted(picked, key=lambda row: not row.is_control)
    return [ArmDesign(row.name.strip(), row.choice.selector, float(row.share)) for row in ordered]


def _name(choice: ArmChoice) -> str:
    return NAMES.get(choice.selector, choice.selector)
