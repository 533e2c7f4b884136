"""Facts that may be missing from a family file, and facts of it that may be wrong, as a trained network finds them.

Hinton (CogSci 1986) proposes this for large databases. A fact that the network predicts, but the file does not hold,
may be missing. A fact that the file holds, but the network finds unlikely, may be an error.

Each fact is asked for in both directions: who is the father of Ann, and who are the daughters of the person named? In
one direction alone, the surest answers are those to questions that were never trained, such as who is the husband of an
unmarried man, and few of them mean anything. scripts/find_planted.py measures both ways.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.cases import part_size
from family_trees.engine.learner import LayeredLearner
from family_trees.engine.network import Weights
from family_trees.families.people import Triple
from family_trees.families.relations import SEX_OF_RELATIVE
from family_trees.families.task import Case, Task
from family_trees.models.model import Model

LIST_LENGTH = 10
"""The number of facts in each list, unless another one is asked for."""


MOST_CANDIDATES = 50_000
"""Of all facts that are not in the file, at most this many are asked for in both directions: those whose person 2 is
the most active in the first."""


MULTI_ANSWER_TOLERANCE = 0.05
"""A relation with more than one answer in at most this share of its cases counts as one with a single answer."""


class Prediction(NamedTuple):
    """A fact, which the file may or may not hold, and how likely the network finds it."""

    fact: Triple
    likelihood: float
    """The geometric mean of two activities, between 0 and 1: of person 2 when the fact is asked for, and of person 1
    when it is asked for backwards. Where no relation is an inverse, the first activity alone."""
    held_out: bool
    """Whether the fact answers a held-out case. It is always False in the list of unlikely facts."""


class RightCount(NamedTuple):
    """A number of cases, and how many of them are right."""

    right: int
    of: int


def held_out_by_relation(model: Model) -> dict[str, RightCount]:
    """How many held-out cases are right, by relation. Relations without held-out cases are left out."""
    held_out = Counter(case.relation for case in model.held_out)
    right = Counter(case.relation for case in model.held_out if model.right[case])
    return {name: RightCount(right[name], held_out[name]) for name in model.task.relations if held_out[name]}


def unlikely_facts(model: Model, most: int = LIST_LENGTH, file: Task | None = None) -> list[Prediction]:
    """The facts that the network finds least likely, the least likely first: they may be errors.

    A fact is left out if a held-out case asks for it in either direction: what was never trained is unlikely, whether
    right or wrong. The facts of people who are nobody's answer, such as those of unknown sex, are left out, too: no
    network learns to name them.

    Args:
        most: the largest number of facts to give.
        file: the facts as they are now, if they have changed since the training. Removed facts and new ones are left
            out.
    """
    now = None if file is None else {*file.triples}
    still_there = [fact for fact in model.task.triples if now is None or fact in now]
    facts = _without_held_out(model, _answerable(model.task, fact_places(model.task, still_there)))
    likelihood = likelihood_both_ways(model.architecture, model.weights, model.task, facts)
    return _predictions(model, facts, likelihood, lowest_distinct(model.task, facts, likelihood, most))


def missing_facts(model: Model, most: int = LIST_LENGTH, file: Task | None = None) -> list[Prediction]:
    """The predictions that are not facts of the file, the most likely first: they may be missing from it.

    Predictions that the facts themselves exclude are left out:

    - a person whose sex does not fit the relation, or, where it is none of kinship, an entity that answers it nowhere,
    - a person as a relative of himself or herself,
    - a second answer to a relation that has a single one, such as father, forwards or backwards,
    - a second relation between two people, where two people rarely have two (`MULTI_ANSWER_TOLERANCE`).

    Args:
        most: the largest number of predictions to give.
        file: the facts as they are now, if they have changed since the training. They are left out, and so are the
            facts that the network was trained on.
    """
    learned = {*model.task.triples}
    new = () if file is None else [fact for fact in file.triples if fact not in learned]
    places = candidate_facts(model.architecture, model.weights, model.task, also=new)
    likelihood = likelihood_both_ways(model.architecture, model.weights, model.task, places)
    return _predictions(model, places, likelihood, lowest_distinct(model.task, places, -likelihood, most))


def lowest_distinct(task: Task, facts: NDArray[np.int64], ranks: NDArray[np.float64], most: int) -> list[int]:
    """The `most` facts of the lowest ranks, the lowest first. Of a fact and its inverse only the first is given.

    Args:
        facts: places of person 1, relation and person 2, (facts, 3).
        ranks: (facts,).

    Returns:
        Indices in `facts`.
    """
    chosen: dict[tuple[int, int, int], int] = {}
    for place in np.argsort(ranks, kind="stable"):
        if len(chosen) == most:
            break
        one, relation, other = map(int, facts[place])
        if not any((other, inverse, one) in chosen for inverse in task.inverses[relation]):
            chosen[one, relation, other] = int(place)
    return [*chosen.values()]


def candidate_facts(
    architecture: LayeredLearner, weights: Weights, task: Task, most: int = MOST_CANDIDATES, also: Sequence[Triple] = ()
) -> NDArray[np.int64]:
    """The `most` triples that are not facts, and that the facts do not exclude, whose person 2 is the most active.

    What the facts exclude is listed at `missing_facts`.

    Args:
        weights: of one network, or of several that answer with the mean of their activities.
        also: further facts, besides those of the task.

    Returns:
        Indices of person 1, relation and person 2, (triples, 3), the most active first.
    """
    people, relations = len(task.people), len(task.relations)
    facts = fact_places(task, [*task.triples, *also])
    of_case = facts[:, 0] * relations + facts[:, 1]
    order = np.argsort(of_case, kind="stable")
    of_case, answers = of_case[order], facts[order, 2]
    single = _single_answer_relations(task)
    fits = _fitting_people(task)
    has_one = np.zeros((relations, people), dtype=bool)  # (relation, person): the person's only father, say, is known
    has_one[facts[:, 1], facts[:, 0]] = single[facts[:, 1]]
    related = _relatives(task, facts)
    named_by: dict[tuple[int, int], list[int]] = {}  # (father, say, and person): the children of that person
    for other, inverse, own in facts.tolist():
        named_by.setdefault((inverse, own), []).append(other)
    kept_case, kept_person, kept_y = (np.zeros(0, dtype=kind) for kind in (np.int64, np.int64, np.float64))
    step = part_size(people)
    for lowest in range(0, people * relations, step):
        asked = np.arange(lowest, min(lowest + step, people * relations))
        y = _mean_answers(architecture, weights, task, asked)
        one, relation = np.divmod(asked, relations)
        y[~fits[relation]] = -1
        y[np.arange(len(asked)), one] = -1
        low, high = np.searchsorted(of_case, (lowest, lowest + len(asked)))
        y[of_case[low:high] - lowest, answers[low:high]] = -1
        y[has_one[relation, one]] = -1
        for row, (own, word) in enumerate(zip(one, relation, strict=True)):
            backwards = [inverse for inverse in task.inverses[word] if fits[inverse, own]]
            if backwards:
                excluded = np.asarray(has_one[backwards].all(axis=0))
                excluded[[other for inverse in backwards for other in named_by.get((inverse, int(own)), ())]] = False
                y[row, excluded] = -1
            y[row, related.get(int(own), [])] = -1
        flat = y.reshape(-1)
        best = np.flatnonzero(flat >= (kept_y[-1] if len(kept_y) == most else 0))
        rows, persons = np.divmod(best, people)
        kept_case, kept_person = np.append(kept_case, asked[rows]), np.append(kept_person, persons)
        kept_y = np.append(kept_y, flat[best])
        order = np.argsort(-kept_y, kind="stable")[:most]
        kept_case, kept_person, kept_y = kept_case[order], kept_person[order], kept_y[order]
    return np.stack([*np.divmod(kept_case, relations), kept_person], axis=-1)


def likelihood_both_ways(
    architecture: LayeredLearner, weights: Weights, task: Task, facts: NDArray[np.int64]
) -> NDArray[np.float64]:
    """How likely networks find each of some facts, (facts,): the `likelihood` of a `Prediction`.

    Args:
        weights: of one network, or of several that answer with the mean of their activities.
        facts: places of person 1, relation and person 2, (facts, 3).
    """
    forwards = likelihood_one_way(architecture, weights, task, facts)
    backwards = np.full(len(facts), -1.0)
    for relation, names in enumerate(task.inverses):
        of_relation = np.flatnonzero(facts[:, 1] == relation)
        for inverse in names:
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
    """The activity of person 2 when each of some facts is asked for, (facts,).

    The arguments are those of `likelihood_both_ways`.
    """
    cases, of_case = np.unique(facts[:, 0] * len(task.relations) + facts[:, 1], return_inverse=True)
    found = np.zeros(len(facts))
    order = np.argsort(of_case, kind="stable")
    in_order = of_case[order]
    step = part_size(len(task.people))
    for lowest in range(0, len(cases), step):
        y = _mean_answers(architecture, weights, task, cases[lowest : lowest + step])
        low, high = np.searchsorted(in_order, (lowest, lowest + step))
        of_cases = order[low:high]
        found[of_cases] = y[of_case[of_cases] - lowest, facts[of_cases, 2]]
    return found


def _mean_answers(
    architecture: LayeredLearner, weights: Weights, task: Task, cases: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The mean activities of the output units, (cases, people).

    Args:
        cases: the number of each case, (cases,): place of the person times the number of relations, plus place of the
            relation.
    """
    people, relations = np.divmod(cases, len(task.relations))
    asked = [Case(task.people[one], task.relations[relation]) for one, relation in zip(people, relations, strict=True)]
    with np.errstate(over="ignore"):
        y = architecture.answers(weights, {**task.input_codes(asked)})
    return np.asarray(y.mean(axis=0), dtype=np.float64)


def _fitting_people(task: Task) -> NDArray[np.bool_]:
    """Whether a person or entity may answer a relation, (relations, people).

    A person may not if facts call the person by words for the other sex only. To a relation that is none of kinship,
    only what answers it in some fact is an answer: Paris is no language.
    """
    called = {sex: np.zeros(len(task.people), dtype=bool) for sex in SEX_OF_RELATIVE.values()}
    for _, relation, other in task.triples:
        if relation in SEX_OF_RELATIVE:
            called[SEX_OF_RELATIVE[relation]][task.person_index[other]] = True
    fits = np.ones((len(task.relations), len(task.people)), dtype=bool)
    for place, word in enumerate(task.relations):
        if word in SEX_OF_RELATIVE:
            others = called["female" if SEX_OF_RELATIVE[word] == "male" else "male"]
            fits[place] = called[SEX_OF_RELATIVE[word]] | ~others
        else:
            fits[place] = False
    for _, word, other in task.triples:
        fits[task.relation_index[word], task.person_index[other]] |= word not in SEX_OF_RELATIVE
    return fits


def _single_answer_relations(task: Task) -> NDArray[np.bool_]:
    """Whether a relation has a single answer, such as father, (relations,).

    It may have more than one in a share of `MULTI_ANSWER_TOLERANCE` of its cases.
    """
    cases = Counter(case.relation for case in task.answers)
    several = Counter(case.relation for case, answers in task.answers.items() if len(answers) > 1)
    return np.array([several[relation] <= MULTI_ANSWER_TOLERANCE * cases[relation] for relation in task.relations])


def _relatives(task: Task, facts: NDArray[np.int64]) -> dict[int, list[int]]:
    """The relatives of each person, by any relation; empty if it is common for two people to be related in two ways."""
    pairs = Counter((fact.person1, fact.person2) for fact in task.triples)
    if sum(number > 1 for number in pairs.values()) > MULTI_ANSWER_TOLERANCE * len(pairs):
        return {}
    found: dict[int, list[int]] = {}
    for one, _, other in facts.tolist():
        found.setdefault(one, []).append(other)
    return found


def _without_held_out(model: Model, facts: NDArray[np.int64]) -> NDArray[np.int64]:
    """`facts` without those that a held-out case asks for, forwards or backwards."""
    task, relations = model.task, len(model.task.relations)
    held_out = np.array(
        [task.person_index[person] * relations + task.relation_index[relation] for person, relation in model.held_out]
    )
    asked_by_them = np.isin(facts[:, 0] * relations + facts[:, 1], held_out)
    for relation, names in enumerate(task.inverses):
        for inverse in names:
            asked_by_them |= (facts[:, 1] == relation) & np.isin(facts[:, 2] * relations + inverse, held_out)
    return facts[~asked_by_them]


def _answerable(task: Task, facts: NDArray[np.int64]) -> NDArray[np.int64]:
    """`facts` without those whose person 1 is nobody's answer in the file."""
    answers = np.zeros(len(task.people), dtype=bool)
    answers[fact_places(task)[:, 2]] = True
    return facts[answers[facts[:, 0]]] if any(task.inverses) else facts


def fact_places(task: Task, facts: Sequence[Triple] | None = None) -> NDArray[np.int64]:
    """Facts as places of person 1, relation and person 2, (facts, 3); by default all facts of the task."""
    triples = task.triples if facts is None else facts
    return np.array(
        [
            (task.person_index[one], task.relation_index[relation], task.person_index[other])
            for one, relation, other in triples
        ],
        dtype=np.int64,
    ).reshape(-1, 3)


def _predictions(
    model: Model, facts: NDArray[np.int64], likelihood: NDArray[np.float64], places: Sequence[int]
) -> list[Prediction]:
    task, held_out = model.task, {*model.held_out}
    predictions = []
    for place in places:
        one, relation, other = facts[place]
        fact = Triple(task.people[one], task.relations[relation], task.people[other])
        predictions.append(Prediction(fact, float(likelihood[place]), Case(fact.person1, fact.relation) in held_out))
    return predictions
