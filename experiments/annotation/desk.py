"""The annotator's desk: what is next, what was said, and how far people agree."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from django.contrib.auth.models import User
from django.db.models import Count, Exists, OuterRef

from experiments.analysis.stats.results import Estimate
from experiments.annotation.kappa import cohens_kappa
from experiments.models import Judgement, Proposal


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two annotators, how many proposals both have judged, and Cohen's kappa over these."""

    one: str
    other: str
    both: int
    kappa: Estimate


@dataclass(frozen=True, slots=True)
class Progress:
    """How many proposals an annotator has judged, of how many."""

    judged: int
    total: int


def next_proposal(annotator: User) -> Proposal | None:
    """Return what this annotator has not judged: first what others have, so that pairs fill."""
    own = Judgement.objects.filter(proposal=OuterRef("pk"), annotator=annotator)
    left = Proposal.objects.filter(~Exists(own)).annotate(others=Count("judgements"))
    return left.select_related("video").order_by("-others", "pk").first()


def last_judged(annotator: User, *, before: Proposal | None = None) -> Proposal | None:
    """Return the proposal that the annotator judged last, or last before that one."""
    said = Judgement.objects.filter(annotator=annotator).order_by("-judged_at")
    again = said.filter(proposal=before).first() if before else None
    earlier = said.filter(judged_at__lt=again.judged_at) if again else said
    last = earlier.select_related("proposal").first()
    return last.proposal if last else None


def judge(proposal: Proposal, annotator: User, *, accepted: bool) -> None:
    """Store what the annotator says; saying it anew replaces it."""
    Judgement.objects.update_or_create(
        proposal=proposal, annotator=annotator, defaults={"accepted": accepted}
    )


def progress(annotator: User) -> Progress:
    """Count this annotator's judgements."""
    return Progress(Judgement.objects.filter(annotator=annotator).count(), Proposal.objects.count())


def agreements() -> list[Agreement]:
    """Return each pair of annotators who have judged the same proposals."""
    said: dict[str, dict[int, bool]] = {}
    rows = Judgement.objects.values_list("annotator__username", "proposal", "accepted")
    for name, proposal, accepted in rows:
        said.setdefault(name, {})[proposal] = accepted
    pairs = []
    for one, other in combinations(sorted(said), 2):
        both = sorted(said[one].keys() & said[other].keys())
        answers = [np.asarray([said[name][item] for item in both], bool) for name in (one, other)]
        if both:
            pairs.append(Agreement(one, other, len(both), cohens_kappa(*answers)))
    return pairs
