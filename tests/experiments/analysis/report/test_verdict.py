import pytest

from experiments.analysis.report.verdict import Kind, Verdict, verdict
from experiments.analysis.stats.metrics import Standing

BETTER, GUARDED, WORSE, EQUAL, OPEN = (
    Standing.BETTER, Standing.GUARDED, Standing.WORSE, Standing.EQUAL, Standing.OPEN,
)  # fmt: skip


@pytest.mark.parametrize(
    ("standings", "best", "expected"),
    [
        ((BETTER, OPEN), "a", Verdict(Kind.WINNER, "a")),
        ((BETTER, BETTER), "b", Verdict(Kind.WINNER, "b")),
        ((BETTER, GUARDED), "a", Verdict(Kind.WINNER, "a")),
        ((WORSE, WORSE), "", Verdict(Kind.WINNER, "raw")),
        ((EQUAL, WORSE), "", Verdict(Kind.NO_DIFFERENCE)),
        ((EQUAL, EQUAL), "", Verdict(Kind.NO_DIFFERENCE)),
        ((EQUAL, OPEN), "", Verdict(Kind.NOT_ENOUGH)),
        ((GUARDED, WORSE), "", Verdict(Kind.NOT_ENOUGH)),
        ((), "", Verdict(Kind.NOT_ENOUGH)),
    ],
)
def test_the_verdict_follows_from_where_the_arms_stand(
    standings: tuple[Standing, ...], best: str, expected: Verdict
) -> None:
    arms = dict(zip("ab", standings, strict=False))
    assert verdict(arms, control="raw", best=best, wrong=()) == expected


def test_what_is_wrong_comes_before_any_winner() -> None:
    found = verdict({"a": BETTER}, control="raw", best="a", wrong=("The shares are off.",))
    assert found == Verdict(Kind.DO_NOT_TRUST, wrong=("The shares are off.",))
