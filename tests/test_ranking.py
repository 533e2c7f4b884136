"""Ranks with ties, and their measures: by hand, and what must hold for any scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from family_trees.analysis.ranking import best_are_right, filtered_ranks, measures
from family_trees.support.intervals import bootstrap_mean, bootstrap_means, wilson

SCORES = np.array([0.9, 0.5, 0.5, 0.5, 0.1])


@pytest.mark.parametrize(
    ("known", "targets", "ranks"),
    [
        ([0], [0], [1.0]),
        ([4], [4], [5.0]),
        ([1], [1], [3.0]),  # in the middle of ranks 2, 3 and 4
        ([0, 1], [1], [2.0]),  # without the other right answer: in the middle of 1, 2 and 3
        ([0, 1, 2, 3], [1, 3], [1.0, 1.0]),
        ([0, 4], [0, 4], [1.0, 4.0]),
        ([], [1], [3.0]),
    ],
)
def test_filtered_ranks_by_hand(known: list[int], targets: list[int], ranks: list[float]) -> None:
    assert filtered_ranks(SCORES, known, targets).tolist() == ranks


def test_what_is_no_number_comes_last() -> None:
    nan = float("nan")
    assert filtered_ranks(np.array([nan, 0.2, 0.1]), [0], [0]).tolist() == [3.0]
    assert filtered_ranks(np.array([nan, nan, nan]), [1], [1]).tolist() == [2.0]  # as good as chance
    assert filtered_ranks(np.array([-np.inf, np.inf]), [1], [1]).tolist() == [1.0]
    assert not best_are_right(np.array([nan, nan]), [0])


@pytest.mark.parametrize(
    ("answers", "expected"),
    [([0], True), ([0, 1, 2, 3], True), ([0, 1], False), ([1], False), ([0, 4], False), ([0, 1, 2, 3, 4], True)],
)
def test_the_best_are_right_or_not(answers: list[int], expected: bool) -> None:
    assert best_are_right(SCORES, answers) is expected


def test_measures_by_hand() -> None:
    found = measures(np.array([[1.0, 4.0], [2.0, 20.0]]))
    assert found.facts == 2
    assert found.mrr.value == pytest.approx((1 + 1 / 4 + 1 / 2 + 1 / 20) / 4)
    assert (found.hits_at_1.value, found.hits_at_3.value, found.hits_at_10.value) == (0.25, 0.5, 0.75)
    assert found.mean_rank.value == pytest.approx(27 / 4)
    assert found.mean_rank.interval == pytest.approx((2.5, 11.0))  # each fact alone: the ends of all samples of two
    alone = measures(np.array([3.0]))
    assert alone.mrr.value == pytest.approx(1 / 3)
    assert alone.mrr.interval is None
    with pytest.raises(ValueError, match="no ranks"):
        measures(np.zeros((0, 2)))


RANKINGS = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0, float("nan")]), min_size=2, max_size=12).flatmap(
    lambda scores: st.tuples(
        st.just(scores),
        st.lists(st.integers(0, len(scores) - 1), min_size=1, max_size=len(scores), unique=True),
        st.permutations(range(len(scores))),
    )
)
"""Scores with many ties, right answers, and a permutation of the entities."""


@given(RANKINGS)
def test_ranks_are_those_of_counting_and_do_not_depend_on_the_order(
    ranking: tuple[list[float], list[int], list[int]],
) -> None:
    scores, known, order = ranking
    ranks = filtered_ranks(np.array(scores), known, known)
    finite = [-np.inf if np.isnan(each) else each for each in scores]
    rivals = [each for k, each in enumerate(finite) if k not in known]
    for target, rank in zip(known, ranks, strict=True):
        above = sum(each > finite[target] for each in rivals)
        assert rank == 1 + above + sum(each == finite[target] for each in rivals) / 2
        assert 1 <= rank <= 1 + len(rivals)
    places = [order.index(k) for k in known]
    shuffled = np.array(scores)[order]
    assert filtered_ranks(shuffled, places, places).tolist() == ranks.tolist()
    assert best_are_right(shuffled, places) == best_are_right(np.array(scores), known)
    # Where the best are right, every right answer comes first once the others are taken out; and the reverse.
    assert best_are_right(np.array(scores), known) == bool(np.all(ranks == 1))


@given(st.lists(st.floats(1, 1000), min_size=1, max_size=20), st.randoms(use_true_random=False))
def test_measures_keep_within_their_bounds(ranks: list[float], random: object) -> None:
    found = measures(np.array(ranks))
    for name in ("mrr", "hits_at_1", "hits_at_3", "hits_at_10"):
        estimate = getattr(found, name)
        assert 0 <= estimate.value <= 1
        if estimate.interval is not None:
            assert -1e-9 <= estimate.interval.low <= estimate.interval.high <= 1 + 1e-9
    assert found.hits_at_1.value <= found.hits_at_3.value <= found.hits_at_10.value
    assert found.hits_at_1.value <= found.mrr.value + 1e-12
    assert found.mean_rank.value >= 1
    shuffled = [*ranks]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    again = measures(np.array(shuffled))
    assert [each.value for each in again[1:]] == pytest.approx([each.value for each in found[1:]])


def test_the_bootstrap_of_columns_is_that_of_each_alone() -> None:
    values = np.random.default_rng(1).random((200, 2))
    together = bootstrap_means(values)
    assert together == bootstrap_means(values)
    for column, interval in zip(values.T, together, strict=True):
        assert interval == pytest.approx(bootstrap_mean(column), abs=0.01)


def test_facts_that_are_all_found_have_an_interval_with_a_width() -> None:
    found = measures(np.ones((20, 2)))
    assert found.hits_at_1.interval == found.mrr.interval == wilson(20, 20)
    assert found.mean_rank.interval is None, "nothing tells how far down others may stand"
    found = measures(np.full(20, 2.0))
    assert (found.hits_at_1.interval, found.hits_at_3.interval) == (wilson(0, 20), wilson(20, 20))
    assert found.mrr == (0.5, None)
