"""The sentence that stands where the report of an experiment cannot be made."""

from experiments.design import Design
from experiments.models import Experiment


def why_no_report(experiment: Experiment) -> str:
    """Return what is wrong with the experiment's design, or that the log says what is."""
    problems = Design.of(experiment).problems(experiment).values()
    why = "; ".join(problems) or "what was counted does not fit together, see the site's log"
    return f"{experiment.slug} cannot be reported on: {why}."
