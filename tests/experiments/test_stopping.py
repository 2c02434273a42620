from experiments.stopping import StoppingRule


def test_rules_are_told_in_words() -> None:
    assert [rule.label for rule in StoppingRule] == [
        "always valid",
        "fixed horizon",
        "group sequential",
    ]
