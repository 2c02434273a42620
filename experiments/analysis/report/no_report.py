"""Reports that cannot be made, told to a reader: the experiment's rows are not as they must.

One bad experiment has a sentence on its own page, and every other page works.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from experiments.database_away import DATABASE_AWAY
from experiments.design import Design
from experiments.errors import CoverliftError, StateError
from experiments.models import Experiment

logger = logging.getLogger(__name__)


class NoReportError(CoverliftError):
    """The report of one experiment cannot be made; the message says why."""


@contextmanager
def reporting_on(experiment: Experiment) -> Iterator[None]:
    """Turn whatever goes wrong with one experiment's report into a sentence for its reader.

    Raises:
        NoReportError: where it cannot be made; the log has the cause in full.
        of DATABASE_AWAY, where the database is away: that is no one experiment's.
    """
    try:
        yield
    except DATABASE_AWAY:
        raise
    except StateError as error:
        raise NoReportError(str(error)) from error
    except Exception as error:
        logger.exception("the report of %s cannot be made", experiment.slug)
        raise NoReportError(_why(experiment)) from error


def _why(experiment: Experiment) -> str:
    """Return what is wrong with the experiment's design, or that the log says what is."""
    problems = Design.of(experiment).problems(experiment).values()
    why = "; ".join(problems) or "what was counted does not fit together, see the site's log"
    return f"{experiment.slug} cannot be reported on: {why}."
