"""`manage.py simulate_traffic`: let simulated viewers drive the real site over HTTP."""

from argparse import ArgumentParser

from django.core.management.base import CommandError
from tqdm import tqdm

from experiments.management.command import OwnCommand
from experiments.models import Experiment
from experiments.studies.simulation.click_model import PAPER_RATES, ClickModel, draw_population
from experiments.studies.simulation.http_viewers import (
    Tally,
    Traffic,
    TrafficError,
    drive,
    wait_for_experiment,
)
from experiments.studies.simulation.visits import Audience


class Command(OwnCommand):
    """Send the viewers, then hold what they did against what the site answered."""

    help = "Let simulated viewers look at a running experiment's feed and click, over HTTP."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the site and the experiment; choose how many come."""
        parser.add_argument("--url", required=True, help="http://127.0.0.1:PORT")
        parser.add_argument("--experiment", required=True, help="slug of a running experiment")
        parser.add_argument("--viewers", type=int, default=1000)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *, url: str, experiment: str, viewers: int, seed: int, **_: object) -> None:
        """Drive, and fail where the site's answers are not what was sent."""
        try:
            traffic = self._traffic(url, experiment, viewers, seed)
            wait_for_experiment(traffic)
            tally = self._drive(traffic, viewers)
        except (TrafficError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{tally.viewers:,} viewers saw {tally.views.total():,} thumbnails and clicked "
            f"{tally.clicks.total():,}; the site took {tally.accepted:,} of {tally.new:,} events, "
            f"knew {tally.duplicate:,} of {tally.repeated:,} repetitions, refused {tally.rejected}"
        )
        if not tally.agrees:
            raise CommandError("the site's answers are not what was sent")

    def _traffic(self, url: str, slug: str, viewers: int, seed: int) -> Traffic:
        experiment = Experiment.objects.filter(slug=slug).first()
        if experiment is None or not experiment.simulated:
            raise CommandError(
                f"{slug!r} is no experiment that says it is simulated: its real counts stay clean"
            )
        slugs = list(experiment.videos.order_by("pk").values_list("slug", flat=True))
        selectors = list(experiment.arms.order_by("index").values_list("selector", flat=True))
        if unknown := set(selectors) - set(PAPER_RATES):
            raise CommandError(
                f"{slug} has arms by {', '.join(sorted(unknown))}: the paper gives rates for "
                f"{', '.join(PAPER_RATES)} alone"
            )
        model = ClickModel(rates=tuple(PAPER_RATES[selector] for selector in selectors))
        population = draw_population(model, len(slugs), viewers, range(len(slugs)), seed)
        videos = {each: number for number, each in enumerate(slugs)}
        return Traffic(url, slug, Audience(population, videos, seed))

    def _drive(self, traffic: Traffic, viewers: int) -> Tally:
        total = Tally()
        for tally in tqdm(
            drive(traffic, viewers), total=viewers, unit="viewer", desc="viewers", mininterval=0.5
        ):
            total.add(tally)
        return total
