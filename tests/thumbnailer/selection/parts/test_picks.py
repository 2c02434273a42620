from thumbnailer.selection.parts.picks import Pick, thread


def test_the_heaviest_three_come_first_in_time_order() -> None:
    found = thread([Pick(30, 2.0), Pick(10, 5.0), Pick(20, 4.0), Pick(5, 1.0)], [])
    assert [candidate.starts_s for candidate in found] == [
        (10.0, 20.0, 30.0),
        (5.0, 10.0, 20.0),
        (5.0, 10.0, 30.0),
        (5.0, 20.0, 30.0),
    ]
    assert [candidate.score for candidate in found] == [11.0, 10.0, 8.0, 7.0]


def test_a_second_is_picked_once_with_its_largest_weight() -> None:
    [only] = thread([Pick(10, 2.0), Pick(10, 3.0)], [10, 4, 7, 9])
    assert only.starts_s == (4.0, 7.0, 10.0)
    assert only.score == 3.0
