"""The design of an experiment: all that a draft says, and a sentence for what it cannot say.

Every door, be it the console, a command or the API, fills a `Design` and shows these sentences.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Self

from django.conf import settings

from experiments.at_end import AtEnd
from experiments.metrics import GUARDRAILS, PRIMARY
from experiments.models import Creative, Experiment, Thumbnail
from experiments.models.catalogue import SLUG
from experiments.models.experiment import MARGIN, PLANNED_DAYS, default_guardrails, new_salt
from experiments.stopping import StoppingRule
from experiments.unit import ASSIGNED_UNITS, Unit

SLUG_CHARS, NAME_CHARS, ARM_CHARS, LAYER_CHARS, SALT_CHARS = 60, 120, 60, 60, 64
TEXT_CHARS = 2000
MAX_ARMS = 256  # an impression's token has one byte for the arm
MAX_MIN_VIEWS = 2**31 - 1  # Postgres' integer
SHOWN_CHARS = 40  # of a value, in a sentence about it
MAX_DAYS, MAX_VIEWS, MAX_LOOKS = 366, 2**53, 20
LOWEST_LEVEL, HIGHEST_LEVEL = 0.8, 0.999
SMALLEST_MARGIN, LARGEST_MARGIN = 0.001, 0.5
LINE_ENDS = "\n\r\t"
# Pages have these in the place of a slug: an experiment of that name would have no page.
TAKEN_BY_PAGES = frozenset({"archives", "decisions", "new"})


@dataclass(frozen=True, slots=True)
class ArmDesign:
    """One arm to be: its name, whose thumbnails it shows, and its share of the traffic.

    Attributes:
        name: its name for people.
        selector: whose thumbnails it shows.
        weight: its share, in proportion to the other arms'; 0 for an arm that waits.
    """

    name: str
    selector: str
    weight: float = 1.0

    def problems(self, known: Set[str] | None = None) -> dict[str, str]:
        """Return a sentence for each value that cannot be, by the value's name.

        Args:
            known: those of the selectors that arms may show; looked up where it is not given.
        """
        known = known_selectors([self.selector]) if known is None else known
        return _only_problems({
            "name": _text_problem("name of an arm", self.name, ARM_CHARS),
            "selector": _selector_problem(self.selector, known),
            "weight": _weight_problem(self.name, self.weight),
        })  # fmt: skip


@dataclass(frozen=True, slots=True)
class Design:
    """All that a draft says; docs/assignment.md says what the numbers mean.

    Attributes:
        slug: its name in addresses.
        name: its name for people.
        arms: the control first.
        question: what it is to find out.
        simulated: how its traffic is made; empty for real viewers.
        unit: what keeps its arm.
        holdback: share of the units that never take part, from 0 to less than 1.
        layer: experiments of one layer divide its viewers among them; empty for none.
        layer_from: start of the slice of the layer, from 0.
        layer_to: end of the slice, at most 1.
        min_views: a video counts only where every arm has so many views.
        stopping_rule: when it may be decided.
        planned_days: whole days that it is to run; None for no planned end.
        planned_views: it is also at its planned end with so many views of all arms; None for any.
        expected_views: views a day of all its videos that its length was planned with; None where
            those counted so far are taken.
        at_end: what happens by itself when the planned end has come.
        looks: of a group-sequential plan, equally spaced, the last at the planned end.
        level: confidence of every statement, over all looks and arms.
        margin: a relative difference that is smaller does not matter.
        primary_metric: what decides, by its name.
        guardrails: by name, the relative change for the worse that is accepted.
        salt: makes its assignment its own.
    """

    slug: str
    name: str
    arms: tuple[ArmDesign, ...]
    question: str = ""
    simulated: str = ""
    unit: str = Unit.VIEWER_VIDEO
    holdback: float = 0.0
    layer: str = ""
    layer_from: float = 0.0
    layer_to: float = 1.0
    min_views: int = 1
    stopping_rule: str = StoppingRule.ALWAYS_VALID
    planned_days: int | None = PLANNED_DAYS
    planned_views: int | None = None
    expected_views: float | None = None
    at_end: str = AtEnd.NOTICE
    looks: int = 4
    level: float = 0.95
    margin: float = MARGIN
    primary_metric: str = PRIMARY.name
    guardrails: Mapping[str, float] = field(default_factory=default_guardrails)
    salt: str = field(default_factory=new_salt)

    @classmethod
    def of(cls, experiment: Experiment) -> Self:
        """Return the design of an experiment, of one not yet stored without its arms."""
        rows = sorted(experiment.arms.all(), key=attrgetter("index")) if experiment.pk else ()
        arms = tuple(ArmDesign(arm.name, arm.selector, arm.weight) for arm in rows)
        return cls(arms=arms, **{name: getattr(experiment, name) for name in FIELDS})

    def problems(self, draft: Experiment | None = None) -> dict[str, str]:
        """Return a sentence for each value that cannot be, by the value's name.

        Args:
            draft: the row that it is the design of, where there is one already.
        """
        return _only_problems({
            "slug": slug_problem(self.slug) or _taken_problem(self.slug, draft),
            "name": _text_problem("name", self.name, NAME_CHARS),
            "question": _text_problem("question", self.question, TEXT_CHARS, free=True),
            "simulated": _text_problem("simulated", self.simulated, TEXT_CHARS, free=True),
            "unit": _one_of_problem("unit", self.unit, ASSIGNED_UNITS),
            "holdback": _holdback_problem(self.holdback),
            "layer": _text_problem("layer", self.layer, LAYER_CHARS, free=True),
            "layer_to": _slice_problem(self.layer_from, self.layer_to),
            "min_views": _min_views_problem(self.min_views),
            "stopping_rule": _one_of_problem("stopping_rule", self.stopping_rule, StoppingRule),
            "planned_days": _planned_days_problem(self.planned_days, self.stopping_rule),
            "planned_views": _planned_views_problem(self.planned_views),
            "expected_views": _expected_views_problem(self.expected_views),
            "at_end": _one_of_problem("at_end", self.at_end, AtEnd),
            "looks": _looks_problem(self.looks, self.stopping_rule, self.planned_days),
            "level": _between_problem("level", self.level, LOWEST_LEVEL, HIGHEST_LEVEL),
            "margin": _between_problem("margin", self.margin, SMALLEST_MARGIN, LARGEST_MARGIN),
            "primary_metric": _one_of_problem(
                "primary_metric", self.primary_metric, (PRIMARY.name,)
            ),
            "guardrails": _guardrails_problem(self.guardrails),
            "salt": _text_problem("salt", self.salt, SALT_CHARS),
            "arms": arms_problem(self.arms),
        })  # fmt: skip


FIELDS = tuple(name for name in Design.__dataclass_fields__ if name != "arms")


def slug_problem(slug: str) -> str:
    """Return why a text is no slug; "" where it is one."""
    if len(slug) <= SLUG_CHARS and re.fullmatch(SLUG.removesuffix("$"), slug):
        return ""
    return f"slug == {_shown(slug)}, must be 1 to {SLUG_CHARS} of a to z, A to Z, 0 to 9, - and _"


def arms_problem(arms: Sequence[ArmDesign]) -> str:
    """Return why arms, the control first, cannot be compared; "" where they can."""
    if not 2 <= len(arms) <= MAX_ARMS:
        return (
            f"number of arms == {len(arms)}, must be 2 to {MAX_ARMS}: a control and what is "
            "compared to it"
        )
    names = [arm.name for arm in arms]
    known = known_selectors([arm.selector for arm in arms])
    of_each = [problem for arm in arms for problem in arm.problems(known).values()]
    twice = [f"arm {_shown(name)} is given twice" for name in names if names.count(name) > 1]
    weights = dict(zip(names, (arm.weight for arm in arms), strict=True))
    return next(iter(of_each + twice), "") or weights_problem(weights)


def weights_problem(weights: Mapping[str, float]) -> str:
    """Return why weights by arm, the control first, share nothing out; "" where they do."""
    of_each = [_weight_problem(name, weight) for name, weight in weights.items()]
    (control, first), *others = weights.items()
    if problem := next(filter(None, of_each), ""):
        return problem
    if not first > 0:
        return f"weight == {first:g} of the control {_shown(control)}, must be over 0"
    if not any(weight > 0 for _, weight in others):
        return "every arm but the control has weight 0: nothing would be compared"
    if not math.isfinite(sum(weights.values())):
        return "the weights add up to more than can be counted with: give smaller ones"
    return ""


def indexes_problem(indexes: Sequence[int]) -> str:
    """Return why arms' indexes are not 0, 1, 2 and so on; "" where they are."""
    if sorted(indexes) == list(range(len(indexes))):
        return ""
    return f"arm indexes == {sorted(indexes)}, must be 0 (the control) to {len(indexes) - 1}"


def ramp_problem(ramp: float) -> str:
    """Return why a number is no ramp; "" where it is."""
    return "" if 0 <= ramp <= 1 else f"ramp == {ramp}, must be from 0 to 1"


def _only_problems(found: Mapping[str, str]) -> dict[str, str]:
    return {name: problem for name, problem in found.items() if problem}


def _taken_problem(slug: str, draft: Experiment | None) -> str:
    if draft is not None and draft.pk is not None and draft.slug == slug:
        return ""
    taken = slug in TAKEN_BY_PAGES or Experiment.objects.filter(slug=slug).exists()
    return f"slug == {_shown(slug)}, is taken: choose another" if taken else ""


def _text_problem(what: str, text: str, most: int, *, free: bool = False) -> str:
    """Return why a text cannot be kept; a free one may be empty and have several lines."""
    if len(text) > most:
        return f"{what} has {len(text)} characters, must have at most {most}"
    if not (free or text.strip()):
        return f"{what} is empty, must have 1 to {most} characters"
    # Control characters and halves of pairs; a joiner within an emoji is neither.
    odd = {c for c in text if unicodedata.category(c) in {"Cc", "Cs"}}
    if free:
        odd -= set(LINE_ENDS)
    return f"{what} == {_shown(text)}, must do without {', '.join(map(ascii, odd))}" if odd else ""


def known_selectors(among: Iterable[str] | None = None) -> Set[str]:
    """Return all that an arm may show, or of some: what makes thumbnails here, what was brought."""
    wanted = None if among is None else set(among) - set(settings.SELECTORS)
    if wanted is not None and not wanted:
        return set(settings.SELECTORS)
    made, brought = Thumbnail.objects.order_by(), Creative.objects.order_by()
    if wanted is not None:
        made, brought = made.filter(selector__in=wanted), brought.filter(name__in=wanted)
    names = made.values_list("selector", flat=True)
    return {*settings.SELECTORS, *names.union(brought.values_list("name", flat=True))}


def _selector_problem(selector: str, known: Set[str]) -> str:
    if selector in known:
        return ""
    return f"selector == {_shown(selector)}, must be one that makes thumbnails here: " + ", ".join(
        sorted(known_selectors())
    )


def _weight_problem(arm: str, weight: float) -> str:
    if 0 <= weight < math.inf:
        return ""
    return f"weight == {weight} of arm {_shown(arm)}, must be 0 or more, and finite"


def _one_of_problem(name: str, value: str, known: Iterable[str]) -> str:
    texts = [str(each) for each in known]
    return "" if value in texts else f"{name} == {_shown(value)}, must be one of {', '.join(texts)}"


def _between_problem(name: str, value: float, least: float, most: float) -> str:
    return "" if least <= value <= most else f"{name} == {value}, must be from {least} to {most}"


def _planned_days_problem(days: int | None, rule: str) -> str:
    if days is None:
        if rule == StoppingRule.ALWAYS_VALID:
            return ""
        return f"planned_days is empty, must be 1 to {MAX_DAYS}: {rule} decides at a planned end"
    return "" if 1 <= days <= MAX_DAYS else f"planned_days == {days}, must be 1 to {MAX_DAYS}"


def _planned_views_problem(views: int | None) -> str:
    if views is None or 1 <= views <= MAX_VIEWS:
        return ""
    return f"planned_views == {views}, must be 1 to {MAX_VIEWS}"


def _expected_views_problem(views: float | None) -> str:
    if views is None or 0 < views <= MAX_VIEWS:
        return ""
    return f"expected_views == {views}, must be over 0 and at most {MAX_VIEWS}"


def _looks_problem(looks: int, rule: str, days: int | None) -> str:
    if not 2 <= looks <= MAX_LOOKS:
        return f"looks == {looks}, must be 2 to {MAX_LOOKS}"
    if rule == StoppingRule.GROUP_SEQUENTIAL and days is not None and looks > days:
        return f"looks == {looks}, must be at most one a planned day, here {days}"
    return ""


def _guardrails_problem(guardrails: Mapping[str, float]) -> str:
    known = {metric.name: metric for metric in GUARDRAILS}
    if not isinstance(guardrails, Mapping) or not set(guardrails) <= set(known):
        return f"guardrails == {_shown(str(guardrails))}, must name only {', '.join(known)}"
    for name, margin in guardrails.items():
        if not known[name].allows(margin):
            limit = known[name].margin_limit
            return f"margin == {_shown(str(margin))} of {name}, must be between 0 and {limit}"
    return ""


def _holdback_problem(holdback: float) -> str:
    return "" if 0 <= holdback < 1 else f"holdback == {holdback}, must be from 0 to less than 1"


def _slice_problem(layer_from: float, layer_to: float) -> str:
    if 0 <= layer_from < layer_to <= 1:
        return ""
    return f"slice of the layer == {layer_from} to {layer_to}, must lie within 0 to 1"


def _min_views_problem(min_views: int) -> str:
    if 1 <= min_views <= MAX_MIN_VIEWS:
        return ""
    return f"min_views == {min_views}, must be from 1 to {MAX_MIN_VIEWS}"


def _shown(value: str) -> str:
    return repr(value) if len(value) <= SHOWN_CHARS else f"{value[:SHOWN_CHARS]!r}…"
