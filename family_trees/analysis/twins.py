"""Twins: why a network can infer some held-out facts and never infers others.

A network can answer a question that it was not trained on if its code for the person is like the codes of people for
whom it learned that answer. So a fact should be easy if another person has the same answer to the same relation. The
other person's case is a *twin* of the case: Colin's father is also Charlotte's father. Nobody else has Arthur's wife.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from family_trees.families.task import Case, Task

if TYPE_CHECKING:
    import pandas as pd


def twins(task: Task) -> dict[Case, tuple[Case, ...]]:
    """The twins of each case: the other cases of the same relation with exactly the same right answers."""
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
    """The sets of cases that are twins of each other, ordered by relation, then by first case."""
    sets = {frozenset((case, *others)) for case, others in twins(task).items() if others}
    ordered = [tuple(sorted(each, key=task.cases.index)) for each in sets]
    return tuple(sorted(ordered, key=lambda each: (task.relations.index(each[0].relation), task.cases.index(each[0]))))


def with_twins_left(cases: pd.DataFrame, task: Task) -> pd.DataFrame:
    """`cases.csv` of a study with a column `twins_left`: how many twins of the held-out case its network trained on."""
    keys = ["recipe", "held_out_cases", "split", "network"]
    of_case = twins(task)
    held_out = {key: set(zip(group["person"], group["relation"], strict=True)) for key, group in cases.groupby(keys)}
    left = [
        sum(twin not in held_out[tuple(key)] for twin in of_case[Case(person, relation)])
        for person, relation, *key in cases[["person", "relation", *keys]].itertuples(index=False)
    ]
    return cases.assign(twins_left=left)


def predicted_shares(cases: pd.DataFrame, alone: pd.DataFrame, task: Task) -> pd.DataFrame:
    """The share of held-out cases that is right in each split, and the share that the cases alone predict.

    A case without its twins, since they are all held out with it, is expected to do as well as the mean case that has
    no twins at all.

    Args:
        cases: `cases.csv` of a study, of one recipe and checkpoint.
        alone: columns `person`, `relation` and `right`: the share of networks that have the case right when it is the
            only one held out.

    Returns:
        A row a split: columns `held_out_cases`, `split`, `networks`, `predicted` and `measured`, both shares.
    """
    of_case = twins(task)
    shares = {Case(*key): right for *key, right in alone[["person", "relation", "right"]].itertuples(index=False)}
    twinless = [right for case, right in shares.items() if not of_case[case]]
    mean_of_twinless = sum(twinless) / len(twinless) if twinless else 0.0
    table = with_twins_left(cases, task)
    expected = [
        mean_of_twinless if of_case[Case(person, relation)] and not left else shares[Case(person, relation)]
        for person, relation, left in table[["person", "relation", "twins_left"]].itertuples(index=False)
    ]
    found = table.assign(expected=expected).groupby(["held_out_cases", "split"])
    return found.agg(
        networks=("network", "nunique"), predicted=("expected", "mean"), measured=("right", "mean")
    ).reset_index()
