"""How well a network finds facts that it was not trained on: each is asked for in both directions.

*Tail*: what is R of A? All entities are ranked as answers. *Head*: of what is B the R? A network answers forwards only.
So each entity is asked for its R, and the entities are ranked by the score that B gets as the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from family_trees.analysis.ranking import Measures, best_are_right, filtered_ranks, measures, sortable
from family_trees.engine.cases import part_size
from family_trees.engine.embedding import Embedding
from family_trees.engine.learner import LayeredLearner
from family_trees.engine.recipe import Recipe
from family_trees.families.people import Triple
from family_trees.families.task import Case, Task
from family_trees.models.model import Model
from family_trees.models.training import TrainingProgress, train
from family_trees.support.content import same_content
from family_trees.support.errors import FamilyTreesError
from family_trees.support.html import html_table
from family_trees.support.philox import uniform
from family_trees.support.wording import count, folded

Direction = Literal["both", "tail", "head"]
"""Which question is asked about a fact."""


Key = TypeVar("Key")

DIRECTIONS: tuple[Direction, ...] = ("both", "tail", "head")
"""All directions, in the order of tables."""


MAX_SCORES = 2**24
"""The most scores, heads times tails, that are kept at once."""


MOST_FOLDS = 1000
"""The most folds: each is a training."""


@dataclass(frozen=True, eq=False, repr=False)
class LinkPrediction:
    """Facts that networks were not trained on, and how high these rank them."""

    task: Task
    """The task whose entities are ranked."""
    facts: tuple[Triple, ...]
    tail_ranks: NDArray[np.float64]
    """The rank of the tail of each fact, (facts,), when head and relation are given."""
    head_ranks: NDArray[np.float64]
    """The rank of the head of each fact, (facts,), when relation and tail are given."""
    cases: tuple[Case, ...]
    """The cases that these facts answer."""
    right_by_rank: NDArray[np.bool_]
    """For each case, (cases,), whether the k best are exactly its k known answers: told how many there are."""
    right_by_threshold: NDArray[np.bool_]
    """For each case, (cases,), whether the answers are exactly those that the network itself gives."""

    def __repr__(self) -> str:
        found = self.measures()
        hits = f"hits@1 {found.hits_at_1.value:.1%}, hits@10 {found.hits_at_10.value:.1%}"
        facts = f"{count(len(self.facts), 'fact')} in both directions"
        return f"LinkPrediction({facts}: MRR {found.mrr.value:.3f}, {hits}, mean rank {found.mean_rank.value:.1f})"

    def _repr_html_(self) -> str:
        """HTML for notebooks: the measures in each direction."""
        rows = [
            (direction, *(f"{each.value:.3f}" for each in self.measures(direction)[1:])) for direction in DIRECTIONS
        ]
        return html_table(repr(self), rows, ("direction", "MRR", "hits@1", "hits@3", "hits@10", "mean rank"))

    def __eq__(self, other: object) -> bool:
        return same_content(self, other)

    __hash__ = None  # type: ignore[assignment]

    def measures(self, direction: Direction = "both", relation: str | None = None) -> Measures:
        """The measures in one direction or in both, over all facts or those of one relation.

        Raises:
            FamilyTreesError: there is no fact of this relation.
        """
        of_relation = np.array([relation in (None, fact.relation) for fact in self.facts], dtype=bool)
        if not of_relation.any():
            raise FamilyTreesError(f"no fact of the relation {relation!r} was asked for")
        columns = {"tail": [self.tail_ranks], "head": [self.head_ranks], "both": [self.tail_ranks, self.head_ranks]}
        return measures(np.stack(columns[direction], axis=1)[of_relation])

    @property
    def relations(self) -> tuple[str, ...]:
        """The relations of the facts, in the order of the task."""
        asked = {fact.relation for fact in self.facts}
        return tuple(name for name in self.task.relations if name in asked)


class FactsToFind(NamedTuple):
    """Facts of a test file, as a network knows their names."""

    facts: tuple[Triple, ...]
    unknown: tuple[Triple, ...]
    """Facts with a name or a relation that the network has no unit for."""
    trained: tuple[Triple, ...]
    """Those of `facts` that the network was trained on."""


def facts_for(model: Model, facts: Iterable[Triple]) -> FactsToFind:
    """Facts in the spelling of the names that a network knows. Capitals do not matter."""
    people, relations = ({folded(name): name for name in names} for names in (model.task.people, model.task.relations))
    known: dict[Triple, None] = {}
    unknown: list[Triple] = []
    for fact in facts:
        one, relation, other = people.get(folded(fact[0])), relations.get(folded(fact[1])), people.get(folded(fact[2]))
        if one is None or relation is None or other is None:
            unknown.append(fact)
        else:
            known[Triple(one, relation, other)] = None
    untrained, learned = {*model.held_out}, {*model.task.triples}
    trained = (fact for fact in known if fact in learned and Case(fact.person1, fact.relation) not in untrained)
    return FactsToFind(tuple(known), tuple(unknown), tuple(trained))


def held_out_facts(model: Model) -> tuple[Triple, ...]:
    """The facts that answer the held-out cases of a network.

    Raises:
        FamilyTreesError: it has none.
    """
    if not model.held_out:
        raise FamilyTreesError("this network held no case out of its training; give facts to test it on")
    held_out = {*model.held_out}
    return tuple(fact for fact in model.task.triples if Case(fact.person1, fact.relation) in held_out)


def predict_links(model: Model, facts: Sequence[Triple] | None = None) -> LinkPrediction:
    """Ask a network for facts, in both directions.

    Args:
        facts: facts with names of the network's task; by default those of its held-out cases.

    Raises:
        FamilyTreesError: there are no facts.
    """
    asked = held_out_facts(model) if facts is None else tuple(facts)
    if not asked:
        raise FamilyTreesError("no fact to ask for")
    known = dict.fromkeys((*model.task.triples, *asked))
    tail_ranks, cases, by_rank, by_threshold = _tails(model, asked, known)
    return LinkPrediction(
        model.task, asked, tail_ranks, _heads(model, asked, known), cases, np.array(by_rank), np.array(by_threshold)
    )


def _tails(
    model: Model, asked: Sequence[Triple], known: Iterable[Triple]
) -> tuple[NDArray[np.float64], tuple[Case, ...], list[bool], list[bool]]:
    """The rank of each tail, the cases asked, and which of these are right by rank and by threshold."""
    index = model.task.person_index
    answers = _grouped(((Case(one, relation), other) for one, relation, other in known), index)
    targets = _grouped(((Case(one, relation), other) for one, relation, other in asked), index)
    ranks: dict[Triple, float] = {}
    by_rank: list[bool] = []
    by_threshold: list[bool] = []
    for case, y in _answers(model, [*targets]):
        found = filtered_ranks(y, answers[case], targets[case])
        for place, rank in zip(targets[case], found, strict=True):
            ranks[Triple(*case, model.task.people[place])] = float(rank)
        by_rank.append(best_are_right(y, answers[case]))
        named = {index[each.person] for each in model.ask(*case).answers}
        by_threshold.append(named == {*answers[case]})
    return np.array([ranks[fact] for fact in asked]), tuple(targets), by_rank, by_threshold


def _heads(model: Model, asked: Sequence[Triple], known: Iterable[Triple]) -> NDArray[np.float64]:
    """The rank of the head of each fact, (facts,)."""
    task = model.task
    heads = _grouped((((relation, other), one) for one, relation, other in known), task.person_index)
    targets = _grouped((((relation, other), one) for one, relation, other in asked), task.person_index)
    tails: dict[str, list[str]] = {}
    for relation, other in targets:
        tails.setdefault(relation, []).append(other)
    ranks: dict[Triple, float] = {}
    step = max(1, MAX_SCORES // len(task.people))
    for relation, others in tails.items():
        cases = [Case(name, relation) for name in task.people]
        for lowest in range(0, len(others), step):
            part = others[lowest : lowest + step]
            columns = [task.person_index[other] for other in part]
            scores = np.stack([y[columns] for _, y in _answers(model, cases)], axis=1)  # (tails, heads)
            for other, of_heads in zip(part, scores, strict=True):
                wanted = targets[relation, other]
                for place, rank in zip(wanted, filtered_ranks(of_heads, heads[relation, other], wanted), strict=True):
                    ranks[Triple(task.people[place], relation, other)] = float(rank)
    return np.array([ranks[fact] for fact in asked])


def _grouped(pairs: Iterable[tuple[Key, str]], index: Mapping[str, int]) -> dict[Key, list[int]]:
    """The places of the names that stand beside each key."""
    groups: dict[Key, list[int]] = {}
    for key, name in pairs:
        groups.setdefault(key, []).append(index[name])
    return groups


def _answers(model: Model, cases: Sequence[Case]) -> Iterator[tuple[Case, NDArray[np.float64]]]:
    """Each case, and the score of every entity as its answer, (entities,)."""
    step = part_size(len(model.task.people))
    for lowest in range(0, len(cases), step):
        part = cases[lowest : lowest + step]
        yield from zip(part, sortable(_scores(model, part)), strict=True)


def _scores(model: Model, cases: Sequence[Case]) -> NDArray[np.float64]:
    """The score of every entity as the answer to each case, (cases, entities): what may be compared between cases.

    The activities of an output unit may be. The answers of vectors and matrices are relative to the likeliest one of
    each case, so their probabilities stand here.
    """
    learner = model.architecture
    if not isinstance(learner, Embedding):
        return np.asarray(model.activities(*cases)[learner.output.name][0])
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(learner.probabilities(model.weights, {**model.task.input_codes(cases)})[0])


def folds_of(task: Task, folds: int, seed: int) -> list[tuple[Case, ...]]:
    """All cases of a task in `folds` parts of equal size, or nearly so, drawn at random, each in the order of the task.

    Raises:
        FamilyTreesError: there are fewer than two folds, or more than cases.
    """
    most = min(MOST_FOLDS, len(task.cases))
    if not 2 <= folds <= most:
        raise FamilyTreesError(f"folds: {folds} is not allowed; give 2 to {most}: each holds out a part of the cases")
    order = np.argsort(uniform(seed, "split", 0, len(task.cases)), kind="stable")
    return [tuple(task.cases[k] for k in sorted(order[fold::folds])) for fold in range(folds)]


def cross_validate(
    task: Task,
    recipe: Recipe,
    folds: int,
    *,
    seed: int = 0,
    architecture: LayeredLearner | None = None,
    report: Callable[[TrainingProgress], None] | None = None,
) -> LinkPrediction:
    """Train a network for each fold, on the cases of all others, and ask it for the facts of its own.

    Args:
        recipe, architecture, report: as for `training.train`.
        folds: how many parts the cases are split into. Every fact is asked for once.

    Raises:
        FamilyTreesError: a number is outside its range, or a training diverges.
    """
    found = []
    for number, held_out in enumerate(folds_of(task, folds, seed)):
        trained = train(
            *(task, recipe), seed=seed, first=number, held_out=held_out, architecture=architecture, report=report
        )
        found.append(predict_links(trained.model()))
    return joined(found)


def joined(several: Collection[LinkPrediction]) -> LinkPrediction:
    """The facts of several evaluations on one task together."""
    first, *_ = several
    arrays = (
        np.concatenate([getattr(each, name) for each in several])
        for name in ("tail_ranks", "head_ranks", "right_by_rank", "right_by_threshold")
    )
    tails, heads, by_rank, by_threshold = arrays
    facts, cases = (
        tuple(fact for each in several for fact in each.facts),
        tuple(case for each in several for case in each.cases),
    )
    return LinkPrediction(first.task, facts, tails, heads, cases, by_rank, by_threshold)
