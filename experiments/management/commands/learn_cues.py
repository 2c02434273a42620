"""`manage.py learn_cues`: learn the weights of our own selector from choices, or from clicks."""

from argparse import ArgumentParser

from django.core.management.base import CommandError

from experiments.errors import LearningError
from experiments.learning.conditional_logit import learn
from experiments.learning.cue_evidence import from_choices, from_clicks
from experiments.making.learning_steps import cue_names, cues_of
from experiments.management.command import OwnCommand
from experiments.models import Experiment


class Command(OwnCommand):
    """Learn, and print the setting; refuse where the evidence is too thin."""

    help = "Learn the cue weights of the selector appeal, and print COVERLIFT_CUE_WEIGHTS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the experiments whose clicks to learn from; without any, choices between two."""
        parser.add_argument("slugs", nargs="*", help="experiments; none: choices between two")

    def handle(self, *, slugs: list[str], **_: object) -> None:
        """Learn them."""
        known = {each.slug: each for each in Experiment.objects.filter(slug__in=slugs)}
        if missing := [slug for slug in slugs if slug not in known]:
            raise CommandError(f"no experiment has the slug {missing[0]!r}")
        sets = [each for slug in slugs for each in from_clicks(known[slug], cues_of)]
        try:
            found = learn(sets if slugs else list(from_choices(cues_of)))
        except LearningError as error:
            raise CommandError(str(error)) from error
        for name, weight in zip(cue_names(), found.weights, strict=True):
            self.stdout.write(f"  {name:<12} {weight:+.2f}")
        told = ",".join(f"{weight:.3f}" for weight in found.weights)
        self.stdout.write(
            f"{found.choices} choices; held-out gain {found.gain:.4f} nats a choice (standard "
            f"error {found.gain_error:.4f})\nCOVERLIFT_CUE_WEIGHTS={told}"
        )
