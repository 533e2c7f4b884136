"""What can be inferred: why some facts come back when they are left out of training, and others never do.

A network names the answer to a question that it was not trained on if its person code makes the person of the question
alike to others for whom it learned that answer. So a fact should be easy if somebody else has the very same answer, a
*twin* of the case: Colin's father is also Charlotte's. Nobody else has Arthur's wife.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from family_trees.families.task import Case, Task

if TYPE_CHECKING:
    import pandas as pd


def twins(task: Task) -> dict[Case, tuple[Case, ...]]:
    """For each case, the other cases of the same relation that have exactly the same right answers."""
    answers = task.answers
    return {
        case: tuple(
            other
            for other in task.cases
            if other != case and other.relation == case.relation and set(answers[other]) == set(answers[case])
        )
        for case in task.cases
    }


def twin_sets(task: Task) -> tuple[tuple[Case, ...], ...]:
    """The sets of cases that are twins of each other, in the order of the relations, then of the cases."""
    sets = {frozenset((case, *others)) for case, others in twins(task).items() if others}
    ordered = [tuple(sorted(each, key=task.cases.index)) for each in sets]
    return tuple(sorted(ordered, key=lambda each: (task.relations.index(each[0].relation), task.cases.index(each[0]))))


def with_twins_left(cases: pd.DataFrame, task: Task) -> pd.DataFrame:
    """`cases.csv` of a study, with how many twins of each held-out case its network was trained on: `twins_left`."""
    keys = ["recipe", "held_out_cases", "split", "network"]
    of_case = twins(task)
    held_out = {key: set(zip(group["person"], group["relation"], strict=True)) for key, group in cases.groupby(keys)}
    left = [
        sum(twin not in held_out[tuple(key)] for twin in of_case[Case(person, relation)])
        for person, relation, *key in cases[["person", "relation", *keys]].itertuples(index=False)
    ]
    return cases.assign(twins_left=left)


def predicted_shares(cases: pd.DataFrame, alone: pd.DataFrame, task: Task) -> pd.DataFrame:
    """A row a split: the share of its held-out cases that is right, and the share to expect from each case alone.

    A case whose twins are all held out with it is expected to do as the cases that have none, on average.

    Args:
        cases: `cases.csv` of a study, of one recipe and checkpoint.
        alone: how often each case is right when it is held out alone: columns `person`, `relation`, and `right`.

    Returns:
        Columns `held_out_cases`, `split`, `networks`, `predicted` and `measured`.
    """
    of_case = twins(task)
    shares = {Case(*key): right for *key, right in alone[["person", "relation", "right"]].itertuples(index=False)}
    lonely = [right for case, right in shares.items() if not of_case[case]]
    without = sum(lonely) / len(lonely) if lonely else 0.0
    table = with_twins_left(cases, task)
    expected = [
        without if of_case[Case(person, relation)] and not left else shares[Case(person, relation)]
        for person, relation, left in table[["person", "relation", "twins_left"]].itertuples(index=False)
    ]
    found = table.assign(expected=expected).groupby(["held_out_cases", "split"])
    return found.agg(
        networks=("network", "nunique"), predicted=("expected", "mean"), measured=("right", "mean")
    ).reset_index()
