"""What a trained network makes of a family file: facts that may be missing from it, and facts that may be wrong.

Hinton (CogSci 1986) proposes it for large databases: what the network predicts and the file does not hold may be
missing, and what the file holds and the network finds unlikely may be an error. A fact is asked for in both directions:
who is the father of Ann, and who are the daughters of the one that the network names. Asked in one direction alone, the
surest answers are those to questions that no case of the file ever trained, such as who is the husband of an unmarried
man, and few of them mean anything: scripts/find_planted.py measures both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from textwrap import fill
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.cases import MAX_PART_VALUES
from family_trees.engine.network import Architecture, Weights, forward
from family_trees.families.people import Triple
from family_trees.families.relations import SEX_OF_RELATIVE
from family_trees.families.task import Case, Task
from family_trees.models.model import Model
from family_trees.support.intervals import wilson

LIST_LENGTH = 10


CANDIDATES = 50_000
"""Of all that is not in the file, this many, the most active in one direction, are asked in the other."""


MULTI_ANSWER_TOLERANCE = 0.05
"""So large a share, at most, is an exception."""


RELATIONS_TOLD = 24
"""Relations, at most, of which the held-out cases are told in words."""


class Prediction(NamedTuple):
    """A fact, in the file or not, and how likely the network finds it."""

    fact: Triple
    likelihood: float
    """The geometric mean of two activities: of person 2 when the fact is asked for, and of person 1 when it is asked
    for backwards. The first alone where no relation is an inverse."""
    held_out: bool
    """Whether the fact answers a case that was held out; never so of those called unlikely."""


class Share(NamedTuple):
    """So many of so many."""

    right: int
    of: int


def by_relation(model: Model) -> dict[str, Share]:
    """Held-out cases that are right, by relation; relations without held-out cases are left out."""
    held_out = Counter(case.relation for case in model.held_out)
    right = Counter(case.relation for case in model.held_out if model.right[case])
    return {name: Share(right[name], held_out[name]) for name in model.task.relations if held_out[name]}


def unlikely_facts(model: Model, most: int = LIST_LENGTH, file: Task | None = None) -> list[Prediction]:
    """The facts that the network finds least likely, the least likely first: candidates for errors.

    Left out are facts that are asked for, in one of the two directions, by a case that was held out: what was never
    trained is unlikely, right or wrong. So are the facts of people who answer nothing, as those of unknown sex: no
    network learns to name them.

    Args:
        file: the facts as they are now, where they have changed since the training; those that are gone are left out,
            and so are new ones.
    """
    now = None if file is None else {*file.triples}
    told = [fact for fact in model.task.triples if now is None or fact in now]
    facts = _trained(model, _answerable(model.task, numbered(model.task, told)))
    likelihood = both_ways(model.architecture, model.weights, model.task, facts)
    return _told(model, facts, likelihood, first_distinct(model.task, facts, likelihood, most))


def missing_facts(model: Model, most: int = LIST_LENGTH, file: Task | None = None) -> list[Prediction]:
    """What the network finds most likely of all that are no facts, the likeliest first.

    Left out is what the facts themselves exclude: whom they call by words for the other sex, everybody as their own
    relative, a second answer where hardly anybody has two, as to who is the father (asked forwards or backwards), and a
    second relation between two people where hardly any two have two.

    Args:
        file: the facts as they are now, where they have changed since the training; they are left out, and so are those
            that the network was trained on.
    """
    learned = {*model.task.triples}
    new = () if file is None else [fact for fact in file.triples if fact not in learned]
    places = candidates(model.architecture, model.weights, model.task, also=new)
    likelihood = both_ways(model.architecture, model.weights, model.task, places)
    return _told(model, places, likelihood, first_distinct(model.task, places, -likelihood, most))


def first_distinct(task: Task, facts: NDArray[np.int64], ranks: NDArray[np.float64], most: int) -> list[int]:
    """The `most` facts of the lowest ranks, lowest first; of a fact and its inverse only the first. Indices in `facts`.

    Args:
        facts: as `both_ways` takes them.
        ranks: (facts,).
    """
    chosen: dict[tuple[int, int, int], int] = {}
    for place in np.argsort(ranks, kind="stable"):
        if len(chosen) == most:
            break
        one, relation, other = map(int, facts[place])
        if not any((other, inverse, one) in chosen for inverse in task.inverses[relation]):
            chosen[one, relation, other] = int(place)
    return [*chosen.values()]


def candidates(
    architecture: Architecture, weights: Weights, task: Task, most: int = CANDIDATES, also: Sequence[Triple] = ()
) -> NDArray[np.int64]:
    """Of all that are no facts, the `most` of which person 2 is most active.

    Args:
        weights: of one network, or of several that answer with the mean of their activities.
        also: further facts.

    Returns:
        Indices of person 1, relation and person 2: (facts, 3), the most active first.
    """
    people, relations = len(task.people), len(task.relations)
    facts = numbered(task, [*task.triples, *also])
    of_case = facts[:, 0] * relations + facts[:, 1]
    order = np.argsort(of_case, kind="stable")
    of_case, answers = of_case[order], facts[order, 2]
    single = _single(task)
    fits = _fits(task)
    has_one = np.zeros((relations, people), dtype=bool)  # whose only father, say, is known
    has_one[facts[:, 1], facts[:, 0]] = single[facts[:, 1]]
    related = _related(task, facts)
    named_by: dict[tuple[int, int], list[int]] = {}  # whose father, say, somebody is: they have one, and it is this one
    for other, inverse, own in facts.tolist():
        named_by.setdefault((inverse, own), []).append(other)
    kept_case, kept_person, kept_y = (np.zeros(0, dtype=kind) for kind in (np.int64, np.int64, np.float64))
    step = max(1, MAX_PART_VALUES // people)
    for lowest in range(0, people * relations, step):
        asked = np.arange(lowest, min(lowest + step, people * relations))
        y = _answers(architecture, weights, task, asked)
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


def both_ways(
    architecture: Architecture, weights: Weights, task: Task, facts: NDArray[np.int64]
) -> NDArray[np.float64]:
    """How likely networks find each of some facts, (facts,), as `Prediction.likelihood` says.

    Args:
        weights: of one network, or of several that answer with the mean of their activities.
        facts: places of person 1, relation and person 2, (facts, 3).
    """
    forwards = one_way(architecture, weights, task, facts)
    backwards = np.full(len(facts), -1.0)
    for relation, names in enumerate(task.inverses):
        own = np.flatnonzero(facts[:, 1] == relation)
        for inverse in names:
            asked = np.stack([facts[own, 2], np.full(len(own), inverse), facts[own, 0]], axis=-1)
            backwards[own] = np.maximum(backwards[own], one_way(architecture, weights, task, asked))
    return np.sqrt(forwards * np.where(backwards < 0, forwards, backwards))


def one_way(architecture: Architecture, weights: Weights, task: Task, facts: NDArray[np.int64]) -> NDArray[np.float64]:
    """The activity of person 2 when each of some facts is asked for, (facts,); arguments as for `both_ways`."""
    cases, of_case = np.unique(facts[:, 0] * len(task.relations) + facts[:, 1], return_inverse=True)
    found = np.zeros(len(facts))
    order = np.argsort(of_case, kind="stable")
    in_order = of_case[order]
    step = max(1, MAX_PART_VALUES // len(task.people))
    for lowest in range(0, len(cases), step):
        y = _answers(architecture, weights, task, cases[lowest : lowest + step])
        low, high = np.searchsorted(in_order, (lowest, lowest + step))
        own = order[low:high]
        found[own] = y[of_case[own] - lowest, facts[own, 2]]
    return found


def _answers(architecture: Architecture, weights: Weights, task: Task, cases: NDArray[np.int64]) -> NDArray[np.float64]:
    """The mean activities of the output units, (cases, people), for cases given as person x relations + relation."""
    people, relations = np.divmod(cases, len(task.relations))
    precision = next(iter(weights.values())).dtype
    asked = [Case(task.people[one], task.relations[relation]) for one, relation in zip(people, relations, strict=True)]
    with np.errstate(over="ignore"):
        y = forward(architecture, weights, {**task.input_codes(asked, precision)})[architecture.output.name]
    return np.asarray(y.mean(axis=0), dtype=np.float64)


def _fits(task: Task) -> NDArray[np.bool_]:
    """Whether a person may be meant by a relation, (relations, people).

    Not where facts call them by words for the other sex alone.
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
    return fits


def _single(task: Task) -> NDArray[np.bool_]:
    """Of which relations hardly anybody has two, as of father, (relations,): nobody is thought to have two."""
    cases = Counter(case.relation for case in task.answers)
    several = Counter(case.relation for case, answers in task.answers.items() if len(answers) > 1)
    return np.array([several[relation] <= MULTI_ANSWER_TOLERANCE * cases[relation] for relation in task.relations])


def _related(task: Task, facts: NDArray[np.int64]) -> dict[int, list[int]]:
    """Whom each person has as any relation; empty where it is usual to be related in two."""
    pairs = Counter((fact.person1, fact.person2) for fact in task.triples)
    if sum(number > 1 for number in pairs.values()) > MULTI_ANSWER_TOLERANCE * len(pairs):
        return {}
    found: dict[int, list[int]] = {}
    for one, _, other in facts.tolist():
        found.setdefault(one, []).append(other)
    return found


def _trained(model: Model, facts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of some facts that no held-out case asks for, forwards or backwards."""
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
    """Those of some facts whose person 1 answers something in the file."""
    answers = np.zeros(len(task.people), dtype=bool)
    answers[numbered(task)[:, 2]] = True
    return facts[answers[facts[:, 0]]] if any(task.inverses) else facts


def numbered(task: Task, facts: Sequence[Triple] | None = None) -> NDArray[np.int64]:
    """Facts, by default all of the task, as places of person 1, relation and person 2: (facts, 3)."""
    told = task.triples if facts is None else facts
    return np.array(
        [
            (task.person_index[one], task.relation_index[relation], task.person_index[other])
            for one, relation, other in told
        ],
        dtype=np.int64,
    ).reshape(-1, 3)


def _told(
    model: Model, facts: NDArray[np.int64], likelihood: NDArray[np.float64], places: Sequence[int]
) -> list[Prediction]:
    task, held_out = model.task, {*model.held_out}
    told = []
    for place in places:
        one, relation, other = facts[place]
        fact = Triple(task.people[one], task.relations[relation], task.people[other])
        told.append(Prediction(fact, float(likelihood[place]), Case(fact.person1, fact.relation) in held_out))
    return told


def check_text(model: Model, most: int = LIST_LENGTH, file: Task | None = None) -> str:
    """What was learned, by relation, and both lists, as text."""
    lines = [_held_out_text(model)] if model.held_out else []
    lists = (
        (missing_facts, "of the surest predictions that are no facts", "they may be missing, or the network wrong"),
        (unlikely_facts, "of the facts that it finds least likely", "they may be wrong, or only hard to learn"),
    )
    for listed, what, why in lists:
        predictions = listed(model, most, file)
        lines += ["", f"{len(predictions)} {what}: {why}" if predictions else f"none {what}"]
        width = max([0, *(len(each.fact.person1) for each in predictions)])
        lines += [
            f"  {each.likelihood:.3f}  {each.fact.person1:<{width}}  has-{each.fact.relation} {each.fact.person2}"
            + ("  (held out)" if each.held_out else "")
            for each in predictions
        ]
    return "\n".join(lines).strip()


def _held_out_text(model: Model) -> str:
    shares = by_relation(model)
    right, of = (sum(each[k] for each in shares.values()) for k in (0, 1))
    low, high = wilson(right, of)
    told = ", ".join(f"{name} {share.right} of {share.of}" for name, share in [*shares.items()][:RELATIONS_TOLD])
    told += f", and {len(shares) - RELATIONS_TOLD} more relations" if len(shares) > RELATIONS_TOLD else ""
    return fill(
        f"held-out cases right, of this network: {right} of {of} ({right / of:.1%}; 95% interval {low:.1%} to "
        f"{high:.1%}), by relation: {told}",
        100,
    )


def check_rows(model: Model, most: int = LIST_LENGTH, file: Task | None = None) -> list[dict[str, object]]:
    """Both lists as rows: `list` ("missing" or "unlikely"), the fact, `likelihood` and `held_out`."""
    return [
        {"list": name, **each.fact._asdict(), "likelihood": round(each.likelihood, 6), "held_out": each.held_out}
        for name, predictions in (
            ("missing", missing_facts(model, most, file)),
            ("unlikely", unlikely_facts(model, most, file)),
        )
        for each in predictions
    ]


def check_json(model: Model, most: int = LIST_LENGTH, file: Task | None = None) -> dict[str, object]:
    """What was learned, by relation, and both lists, ready for `json.dumps`."""
    shares = {name: share._asdict() for name, share in by_relation(model).items()}
    return {"held_out": shares, "facts": check_rows(model, most, file)}
