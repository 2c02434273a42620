from dataclasses import replace
from pathlib import Path

import pytest

from tests.thumbnailer.training.made_up import shrink_models, write_tvsum
from tests.thumbnailer.training.test_main import QUICK
from thumbnailer.training.config import with_changes
from thumbnailer.training.models import RECIPES
from thumbnailer.training.search import (
    SPACES,
    TEST_FOLDS,
    Trial,
    Variant,
    main,
    ranking,
    read_trials,
    search,
)
from thumbnailer.training.tvsum import load_tvsum


def test_a_stopped_search_goes_on_with_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shrink_models(monkeypatch, feature_dim=24)
    videos = load_tvsum(write_tvsum(tmp_path, feature_dim=24))
    config = replace(QUICK, steps=10)
    work = tmp_path / "work"
    variants = (Variant(), Variant(training={"interest": 1.0}, model={"far_s": 3}))
    first = search("ranknet", videos, work, variants[:1], config)
    assert [(one.variant, one.test_fold) for one in first] == [("defaults", f) for f in TEST_FOLDS]
    (work / "ranknet-defaults-0.pt").unlink()
    both = search("ranknet", videos, work, variants, config)
    assert both[:2] == first
    assert [one.variant for one in both[2:]] == ["interest 1.0, far_s 3"] * 2
    assert not (work / "ranknet-defaults-0.pt").exists()  # was not tried again
    assert read_trials(work / "ranknet.csv") == both


def test_variants_are_ranked_by_their_mean() -> None:
    trials = [Trial("m", *row, "") for row in (("a", 0, 1.0), ("b", 0, 1.5), ("a", 2, 1.8))]
    assert ranking(trials) == [("b", 1.5), ("a", 1.4)]


@pytest.mark.parametrize("model", SPACES)
def test_every_variant_can_be_made(model: str) -> None:
    titles = [variant.title for variant in SPACES[model]]
    assert len(set(titles)) == len(titles)
    for variant in SPACES[model]:
        with_changes(QUICK, variant.training, variant.title)
        with_changes(RECIPES[model].config, variant.model, variant.title)


def test_the_command_reads_any_data_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ranknet", "--data", str(tmp_path), "--work", str(tmp_path / "w")]) == 1
    assert str(tmp_path) in capsys.readouterr().err
