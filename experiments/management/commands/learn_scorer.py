"""`manage.py learn_scorer SLUG ... --out FILE`: train the shot scorer on clicks."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import CommandError

from experiments.errors import LearningError
from experiments.learning.cue_evidence import from_clicks
from experiments.learning.scorer_evidence import learn_scorer
from experiments.making.learning_steps import scorer_features_of, write_scorer
from experiments.management.command import OwnCommand
from experiments.models import Experiment


class Command(OwnCommand):
    """Learn, and write weights; refuse where the evidence is too thin."""

    help = "Train the shot scorer on the clicks of randomised experiments, and write its weights."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the experiments and the file."""
        parser.add_argument("slugs", nargs="+", help="experiments")
        parser.add_argument("--out", type=Path, required=True, help="weights file to write")

    def handle(self, *, slugs: list[str], out: Path, **_: object) -> None:
        """Learn and write."""
        known = {each.slug: each for each in Experiment.objects.filter(slug__in=slugs)}
        if missing := [slug for slug in slugs if slug not in known]:
            raise CommandError(f"no experiment has the slug {missing[0]!r}")
        sets = [each for slug in slugs for each in from_clicks(known[slug], scorer_features_of)]
        try:
            found = learn_scorer(sets)
        except LearningError as error:
            raise CommandError(str(error)) from error
        learned = found.learned
        digest = write_scorer(out, found.trust, found.correction, learned.choices)
        self.stdout.write(
            f"{learned.choices} clicks; held-out gain over the scorer as it is {learned.gain:.4f} "
            f"nats a click (standard error {learned.gain_error:.4f})\n{digest}  {out.name}"
        )
