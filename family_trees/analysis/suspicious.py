"""Facts that may be missing from a family file, and facts of it that may be wrong, as trained networks find them.

Hinton (CogSci 1986) proposes this for large databases. A fact that the network predicts, but the file does not hold,
may be missing. A fact that the file holds, but the network finds unlikely, may be an error.

`likelihood` says how likely a fact is, `candidates` what the facts exclude, and `judges` holds networks that were not
told the facts that they judge. scripts/find_planted.py measures how many planted errors are found, with judges and
without.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from family_trees.analysis.candidates import Questions, fact_places
from family_trees.analysis.judges import Judges
from family_trees.analysis.likelihood import candidate_facts, likelihood_both_ways
from family_trees.families.people import Triple
from family_trees.families.task import Case, Task
from family_trees.models.model import Model

LIST_LENGTH = 10
"""The number of facts in each list, unless another one is asked for."""


DOUBTFUL = 0.5
"""Below this likelihood, somebody else is likelier as the answer."""


class Prediction(NamedTuple):
    """A fact, which the file may or may not hold, and how likely networks find it."""

    fact: Triple
    likelihood: float
    """The geometric mean of two likelihoods, between 0 and 1 (`Learner.likelihoods`): that of person 2 when the fact is
    asked for, and that of person 1 when it is asked for backwards. Where no relation is an inverse, the first alone."""
    held_out: bool
    """Whether the fact answers a case that the model held out."""


class RightCount(NamedTuple):
    """A number of cases, and how many of them are right."""

    right: int
    of: int


def held_out_by_relation(model: Model) -> dict[str, RightCount]:
    """How many held-out cases are right, by relation. Relations without held-out cases are left out."""
    held_out = Counter(case.relation for case in model.held_out)
    right = Counter(case.relation for case in model.held_out if model.right[case])
    return {name: RightCount(right[name], held_out[name]) for name in model.task.relations if held_out[name]}


def unlikely_facts(
    model: Model, most: int = LIST_LENGTH, file: Task | None = None, judges: Judges | None = None
) -> list[Prediction]:
    """The facts that networks find least likely, the least likely first: they may be errors.

    First come those below `DOUBTFUL` that the file does not tell backwards, too: a slip is rarely made twice.

    With judges, each fact is judged by the one that was not told it. Without, the model judges all, and a fact is left
    out if a held-out case asks for it in either direction: what was never trained is then unlikely, whether right or
    wrong. The facts of people who are nobody's answer, such as those of unknown sex, are always left out: no network
    learns to name them.

    Args:
        most: the largest number of facts to give.
        file: the facts as they are now, if they have changed since the training. Removed facts and new ones are left
            out.
        judges: those of `train_judges` for this model.
    """
    task, now = model.task, None if file is None else {*file.triples}
    facts = fact_places(task)
    listed = _answerable(task) & np.array([now is None or fact in now for fact in task.triples], dtype=bool)
    if judges is None:
        listed &= _trained_both_ways(model, facts)
        likelihood = likelihood_both_ways(model.architecture, model.weights, task, facts[listed])
    else:
        likelihood = judges.likelihoods()[listed]
    facts = facts[listed]
    first = (likelihood < DOUBTFUL) & ~_told_backwards(Questions(task), facts)
    return _predictions(model, facts, likelihood, lowest_distinct(task, facts, likelihood - first, most))


def missing_facts(
    model: Model,
    most: int = LIST_LENGTH,
    file: Task | None = None,
    judges: Judges | None = None,
    born: Mapping[str, int] | None = None,
) -> list[Prediction]:
    """The predictions that are not facts of the file: they may be missing from it.

    First come those that the file tells backwards, such as Bob as a son of Ann, where Ann is Bob's mother. In each part
    the most likely comes first. With judges, the likelihood is that to all of them together.

    Predictions that the facts themselves exclude are left out:

    - a person whose sex does not fit the relation, or, where it is none of kinship, an entity that answers it nowhere,
    - a person as a relative of himself or herself,
    - a second answer to a relation that has a single one, such as father, forwards or backwards,
    - a wife of a woman, or a husband of a man, where the file has none,
    - a second relation between two people, where two people rarely have two (`MULTI_ANSWER_TOLERANCE`),
    - a descendant as a parent, an ancestor as a child, a parent born no earlier than the child, and brothers or sisters
      of whom both parents are known, but none is the same.

    What belongs to the first facts of the other list, told once and doubtful, is left out, too: another answer to the
    same question, which may be what the wrong fact should have said, and the fact told backwards.

    Args:
        most: the largest number of predictions to give.
        file: the facts as they are now, if they have changed since the training. They are left out, and so are the
            facts that the network was trained on.
        judges: those of `train_judges` for this model.
        born: years of birth, where they are known.
    """
    task, learned = model.task, {*model.task.triples}
    new = () if file is None else [fact for fact in file.triples if fact not in learned]
    of = (model.architecture, model.weights if judges is None else judges.weights, task)
    places = candidate_facts(*of, also=new, born=born)
    doubtful = [each.fact for each in unlikely_facts(model, most, file, judges) if each.likelihood < DOUBTFUL]
    suspects = fact_places(task, doubtful)
    suspects = suspects[~_told_backwards(Questions(task), suspects)].tolist()
    questions = {(one, relation) for one, relation, _ in suspects}
    backwards = {(other, inverse, one) for one, relation, other in suspects for inverse in task.inverses[relation]}
    places = places[[fact[:2] not in questions and fact not in backwards for fact in map(tuple, places.tolist())]]
    likelihood = likelihood_both_ways(*of, places)
    first = _told_backwards(Questions(task, new), places)
    return _predictions(model, places, likelihood, lowest_distinct(task, places, -likelihood - first, most))


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


def _told_backwards(questions: Questions, facts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which facts the file tells backwards, (facts,)."""
    told = {*map(tuple, questions.told_backwards.tolist())}
    return np.array([fact in told for fact in map(tuple, facts.tolist())], dtype=bool)


def _trained_both_ways(model: Model, facts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which facts no held-out case asks for, forwards or backwards, (facts,)."""
    task, relations = model.task, len(model.task.relations)
    held_out = np.array(
        [task.person_index[person] * relations + task.relation_index[relation] for person, relation in model.held_out]
    )
    asked_by_them = np.isin(facts[:, 0] * relations + facts[:, 1], held_out)
    for relation, names in enumerate(task.inverses):
        for inverse in names:
            asked_by_them |= (facts[:, 1] == relation) & np.isin(facts[:, 2] * relations + inverse, held_out)
    return ~asked_by_them


def _answerable(task: Task) -> NDArray[np.bool_]:
    """Which facts have a person 1 who is somebody's answer in the file, (facts,)."""
    facts, answers = fact_places(task), np.zeros(len(task.people), dtype=bool)
    answers[facts[:, 2]] = True
    return answers[facts[:, 0]] if any(task.inverses) else np.ones(len(facts), dtype=bool)


def _predictions(
    model: Model,
    facts: NDArray[np.int64],
    likelihood: NDArray[np.float64],
    places: Sequence[int],
) -> list[Prediction]:
    task, held_out = model.task, {*model.held_out}
    predictions = []
    for place in places:
        one, relation, other = facts[place]
        fact = Triple(task.people[one], task.relations[relation], task.people[other])
        predictions.append(Prediction(fact, float(likelihood[place]), Case(fact.person1, fact.relation) in held_out))
    return predictions
