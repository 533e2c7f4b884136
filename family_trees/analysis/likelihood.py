"""How likely networks find facts, asked for forwards and backwards.

Each fact is asked for in both directions: who is the father of Ann, and who are the daughters of the person named? In
one direction alone, the surest answers are those to questions that were never trained, such as who is the husband of an
unmarried man, and few of them mean anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from family_trees.analysis.candidates import Questions
from family_trees.engine.cases import part_size
from family_trees.engine.learner import LayeredLearner
from family_trees.engine.network import Weights
from family_trees.families.people import Triple
from family_trees.families.task import Case, Task

MOST_CANDIDATES = 50_000
"""Of all facts that are not in the file, at most this many are asked for in both directions: those whose person 2 is
the likeliest in the first."""


def candidate_facts(
    architecture: LayeredLearner,
    weights: Weights,
    task: Task,
    most: int = MOST_CANDIDATES,
    also: Sequence[Triple] = (),
    born: Mapping[str, int] | None = None,
) -> NDArray[np.int64]:
    """The `most` triples that are not facts, and that the facts do not exclude, whose person 2 is the likeliest.

    What the facts exclude is listed at `suspicious.missing_facts`. Facts that the file tells backwards are added.

    Args:
        weights: of one network, or of several that answer with the mean of their likelihoods.
        also: further facts, besides those of the task.
        born: years of birth, where they are known.

    Returns:
        Indices of person 1, relation and person 2, (triples, 3), the likeliest first; then those told backwards.
    """
    people, relations = len(task.people), len(task.relations)
    questions = Questions(task, also, born)
    kept_case, kept_person, kept_y = (np.zeros(0, dtype=kind) for kind in (np.int64, np.int64, np.float64))
    told: list[NDArray[np.int64]] = []
    step = part_size(people)
    for lowest in range(0, people * relations, step):
        asked = np.arange(lowest, min(lowest + step, people * relations))
        possible = questions.candidates(asked)
        y = np.where(possible, _mean_likelihoods(architecture, weights, questions, asked), -1)
        flat = y.reshape(-1)
        best = np.flatnonzero(flat >= (kept_y[-1] if len(kept_y) == most else 0))
        rows, persons = np.divmod(best, people)
        kept_case, kept_person = np.append(kept_case, asked[rows]), np.append(kept_person, persons)
        kept_y = np.append(kept_y, flat[best])
        order = np.argsort(-kept_y, kind="stable")[:most]
        kept_case, kept_person, kept_y = kept_case[order], kept_person[order], kept_y[order]
        told.append(questions.told(asked, possible))
    likeliest = np.stack([*np.divmod(kept_case, relations), kept_person], axis=-1)
    known = {*map(tuple, likeliest.tolist())}
    others = [fact for fact in np.concatenate(told).tolist() if tuple(fact) not in known]
    return np.concatenate([likeliest, np.array(others, dtype=np.int64).reshape(-1, 3)])


def likelihood_both_ways(
    architecture: LayeredLearner, weights: Weights, task: Task, facts: NDArray[np.int64]
) -> NDArray[np.float64]:
    """How likely networks find each of some facts, (facts,): the geometric mean of the likelihoods in both directions.

    Backwards, a fact is asked for by the inverses that person 1 may answer: Ann is nobody's son.

    Args:
        weights: of one network, or of several that answer with the mean of their likelihoods.
        facts: places of person 1, relation and person 2, (facts, 3).
    """
    forwards = likelihood_one_way(architecture, weights, task, facts)
    backwards = np.full(len(facts), -1.0)
    fits = _questions(task).fits
    for relation, names in enumerate(task.inverses):
        for inverse in names:
            of_relation = np.flatnonzero((facts[:, 1] == relation) & fits[inverse, facts[:, 0]])
            asked = np.stack(
                [facts[of_relation, 2], np.full(len(of_relation), inverse), facts[of_relation, 0]], axis=-1
            )
            backwards[of_relation] = np.maximum(
                backwards[of_relation], likelihood_one_way(architecture, weights, task, asked)
            )
    return np.sqrt(forwards * np.where(backwards < 0, forwards, backwards))


def likelihood_one_way(
    architecture: LayeredLearner, weights: Weights, task: Task, facts: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The likelihood of person 2 when each of some facts is asked for, (facts,).

    The arguments are those of `likelihood_both_ways`.
    """
    cases, of_case = np.unique(facts[:, 0] * len(task.relations) + facts[:, 1], return_inverse=True)
    found = np.zeros(len(facts))
    order = np.argsort(of_case, kind="stable")
    in_order = of_case[order]
    questions = _questions(task)
    step = part_size(len(task.people))
    for lowest in range(0, len(cases), step):
        y = _mean_likelihoods(architecture, weights, questions, cases[lowest : lowest + step])
        low, high = np.searchsorted(in_order, (lowest, lowest + step))
        of_cases = order[low:high]
        found[of_cases] = y[of_case[of_cases] - lowest, facts[of_cases, 2]]
    return found


@lru_cache(maxsize=2)
def _questions(task: Task) -> Questions:
    return Questions(task)


def _mean_likelihoods(
    architecture: LayeredLearner, weights: Weights, questions: Questions, asked: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The mean likelihoods of all people as answers, (questions, people).

    Args:
        asked: the number of each question, (questions,).
    """
    task = questions.task
    cases = [
        Case(task.people[one], task.relations[relation])
        for one, relation in zip(*np.divmod(asked, len(task.relations)), strict=True)
    ]
    with np.errstate(over="ignore"):
        y = architecture.likelihoods(weights, {**task.input_codes(cases)}, questions.rivals(asked))
    return np.asarray(y.mean(axis=0), dtype=np.float64)
