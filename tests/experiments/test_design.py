"""A design says only what an experiment can be, and a sentence tells why another cannot."""

from dataclasses import replace
from typing import Any

import pytest

from experiments.design import (
    FIELDS,
    ArmDesign,
    Design,
    arms_problem,
    indexes_problem,
    ramp_problem,
    weights_problem,
)
from experiments.models import Experiment
from tests.experiments.world import make_experiment, make_video

pytestmark = pytest.mark.django_db
SELECTORS = "appeal, gevaden, raw, re_seq2seq"
RAW, GIF = ArmDesign("raw", "raw"), ArmDesign("GIF", "gevaden", 2.0)
GOOD = Design("spring", "Été 🎬 👩‍💻", (RAW, GIF), question="Which?\nOf both.", simulated="by dice")


def test_a_good_design_has_no_problem() -> None:
    assert GOOD.problems() == {}
    for slug in ("a", "A-b_9", "a" * 60):
        assert replace(GOOD, slug=slug).problems() == {}
    assert replace(GOOD, holdback=0.99, layer="front", layer_to=0.5).problems() == {}


ARMS_RULE = "must be 2 to 256: a control and what is compared to it"
MARGIN_RULE = "must be between 0 and 1"
SLUG_RULE = "must be 1 to 60 of a to z, A to Z, 0 to 9, - and _"


X_IS_NONE = "guardrails == \"{'x': 0.1}\", must name only watched_ctr, picture_bytes"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("slug", "a/b", f"slug == 'a/b', {SLUG_RULE}"),
        ("slug", "Été 🎬", f"slug == 'Été 🎬', {SLUG_RULE}"),
        ("slug", "", f"slug == '', {SLUG_RULE}"),
        ("slug", "a\n", f"slug == 'a\\n', {SLUG_RULE}"),
        ("slug", "x" * 70, f"slug == '{'x' * 40}'…, {SLUG_RULE}"),
        ("name", "", "name is empty, must have 1 to 120 characters"),
        ("name", " \u2003", "name is empty, must have 1 to 120 characters"),
        ("name", "n" * 121, "name has 121 characters, must have at most 120"),
        ("name", "a\0b", "name == 'a\\x00b', must do without '\\x00'"),
        ("name", "a\nb", "name == 'a\\nb', must do without '\\n'"),
        ("name", "\udcff", "name == '\\udcff', must do without '\\udcff'"),
        ("question", "q" * 2001, "question has 2001 characters, must have at most 2000"),
        ("simulated", "\0", "simulated == '\\x00', must do without '\\x00'"),
        ("unit", "page", "unit == 'page', must be one of viewer_video, viewer, video"),
        ("unit", "impression", "unit == 'impression', must be one of viewer_video, viewer, video"),
        ("holdback", 1.0, "holdback == 1.0, must be from 0 to less than 1"),
        ("holdback", float("nan"), "holdback == nan, must be from 0 to less than 1"),
        ("layer", "l" * 61, "layer has 61 characters, must have at most 60"),
        ("min_views", 0, "min_views == 0, must be from 1 to 2147483647"),
        ("min_views", 2**31, "min_views == 2147483648, must be from 1 to 2147483647"),
        (
            "stopping_rule",
            "never",
            (
                "stopping_rule == 'never', must be one of always_valid, fixed_horizon, "
                "group_sequential"
            ),
        ),
        ("planned_days", 0, "planned_days == 0, must be 1 to 366"),
        ("planned_views", 0, "planned_views == 0, must be 1 to 9007199254740992"),
        ("looks", 1, "looks == 1, must be 2 to 20"),
        ("level", 1.0, "level == 1.0, must be from 0.8 to 0.999"),
        ("level", float("nan"), "level == nan, must be from 0.8 to 0.999"),
        ("margin", 0.0, "margin == 0.0, must be from 0.001 to 0.5"),
        ("primary_metric", "watched_ctr", "primary_metric == 'watched_ctr', must be one of ctr"),
        ("guardrails", {"x": 0.1}, X_IS_NONE),
        (
            "guardrails",
            {"watched_ctr": 1.5},
            "margin == '1.5' of watched_ctr, must be between 0 and 1",
        ),
        (
            "guardrails",
            {"picture_bytes": 100},
            "margin == '100' of picture_bytes, must be between 0 and 100",
        ),
        (
            "guardrails",
            {"watched_ctr": "a"},
            "margin == 'a' of watched_ctr, must be between 0 and 1",
        ),
        ("salt", "", "salt is empty, must have 1 to 64 characters"),
        ("arms", (RAW,), f"number of arms == 1, {ARMS_RULE}"),
        ("arms", (RAW, RAW), "arm 'raw' is given twice"),
        ("arms", (RAW,) * 257, f"number of arms == 257, {ARMS_RULE}"),
    ],
)
def test_each_value_that_cannot_be_has_a_sentence(field: str, value: Any, sentence: str) -> None:
    assert replace(GOOD, **{field: value}).problems() == {field: sentence}


@pytest.mark.parametrize(
    "ends", [(0.5, 0.5), (0.6, 0.5), (-0.1, 1.0), (0.0, 1.1), (0, float("nan"))]
)
def test_a_slice_lies_within_its_layer(ends: tuple[float, float]) -> None:
    problems = replace(GOOD, layer_from=ends[0], layer_to=ends[1]).problems()
    assert problems["layer_to"].endswith("must lie within 0 to 1")


@pytest.mark.parametrize(
    ("arm", "sentence"),
    [
        (ArmDesign("", "raw"), "name of an arm is empty, must have 1 to 60 characters"),
        (ArmDesign("x" * 61, "raw"), "name of an arm has 61 characters, must have at most 60"),
        (
            ArmDesign("x", "gevadn"),
            f"selector == 'gevadn', must be one that makes thumbnails here: {SELECTORS}",
        ),
        (ArmDesign("x", "raw", -1.0), "weight == -1.0 of arm 'x', must be 0 or more, and finite"),
        (
            ArmDesign("x", "raw", float("nan")),
            "weight == nan of arm 'x', must be 0 or more, and finite",
        ),
        (
            ArmDesign("x", "raw", float("inf")),
            "weight == inf of arm 'x', must be 0 or more, and finite",
        ),
    ],
)
def test_each_arm_that_cannot_be_has_a_sentence(arm: ArmDesign, sentence: str) -> None:
    assert list(arm.problems().values()) == [sentence]
    assert arms_problem((RAW, arm)) == sentence


def test_a_selector_counts_that_has_made_thumbnails_once() -> None:
    assert "hecate" not in ArmDesign("x", "gevadn").problems()["selector"]
    make_video("old", ("hecate",))
    assert ArmDesign("x", "hecate").problems() == {}


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        ((1, 0, 2), ""),
        ((0, 1, 1), "weight == 0 of the control 'a', must be over 0"),
        ((0, 0, 0), "weight == 0 of the control 'a', must be over 0"),
        ((1, 0, 0), "every arm but the control has weight 0: nothing would be compared"),
        ((1e308, 1e308, 1), "the weights add up to more than can be counted with: give smaller"),
    ],
)
def test_weights_share_the_traffic_out(weights: tuple[float, ...], sentence: str) -> None:
    found = weights_problem(dict(zip("abc", weights, strict=True)))
    assert found.startswith(sentence)
    assert bool(found) == bool(sentence)


@pytest.mark.parametrize(
    ("indexes", "sentence"),
    [([0, 1], ""), ([1, 0], ""), ([1, 2], "arm indexes == [1, 2], must be 0 (the control) to 1"),
     ([0, 2], "arm indexes == [0, 2], must be 0 (the control) to 1"),
     ([0, 0], "arm indexes == [0, 0], must be 0 (the control) to 1")],
)  # fmt: skip
def test_arms_are_counted_from_the_control(indexes: list[int], sentence: str) -> None:
    assert indexes_problem(indexes) == sentence


@pytest.mark.parametrize("ramp", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_ramp_is_a_share(ramp: float) -> None:
    assert ramp_problem(ramp) == f"ramp == {ramp}, must be from 0 to 1"
    assert not ramp_problem(0.0)
    assert not ramp_problem(1.0)


def test_a_slug_is_taken_once_but_not_by_its_own_row() -> None:
    experiment = make_experiment("spring")
    assert GOOD.problems() == {"slug": "slug == 'spring', is taken: choose another"}
    assert GOOD.problems(experiment) == {}


def test_a_slug_that_is_the_address_of_a_page_is_taken() -> None:
    refused = replace(GOOD, slug="decisions").problems()
    assert refused == {"slug": "slug == 'decisions', is taken: choose another"}


def test_a_stored_experiment_has_the_design_that_made_it() -> None:
    experiment = make_experiment(holdback=0.1, weights=(1, 2, 3))
    design = Design.of(experiment)
    assert {name: getattr(design, name) for name in FIELDS} == {
        name: getattr(experiment, name) for name in FIELDS
    }
    assert [arm.weight for arm in design.arms] == [1, 2, 3]
    assert Design.of(Experiment()).arms == ()


@pytest.mark.parametrize("rule", ["fixed_horizon", "group_sequential"])
def test_a_rule_that_decides_at_its_end_needs_one(rule: str) -> None:
    found = replace(GOOD, stopping_rule=rule, planned_days=None).problems()
    assert found == {
        "planned_days": f"planned_days is empty, must be 1 to 366: {rule} decides at a planned end"
    }
    assert replace(GOOD, planned_days=None).problems() == {}


def test_looks_are_at_most_one_a_planned_day() -> None:
    two_days = replace(GOOD, stopping_rule="group_sequential", planned_days=2)
    assert two_days.problems() == {"looks": "looks == 4, must be at most one a planned day, here 2"}
    assert replace(two_days, looks=2).problems() == {}
