"""How many planted errors and removed facts does a network find? Writes results/planted.csv.

    python scripts/find_planted.py [--networks 5] [--trees 8] [--work DIR] [--workers N] [--out results/planted.csv]

In made-up families of 200 people (and in the trees of 1986), some things are removed and some made wrong, in one of two
ways. *facts*: single facts; a wrong one names another person of the same sex. *records*: what the file of a genealogist
records, whose child somebody is; a child is given the parents of another family, or loses them, and all facts follow:
their uncles and cousins change, too. Then a network is trained on what is left, as `train` does it, and lists, as
`check` does, ten facts that it finds unlikely and ten that may be missing; that is held against three other ways. It
can be stopped, and goes on where it was. About 15 minutes on two cores.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import click
import numpy as np
import pandas as pd
from made_up_families import made_up_families
from numpy.typing import NDArray
from side_by_side import rows_in_order

from family_trees.analysis.suspicious import (
    LIST_LENGTH,
    both_ways,
    candidates,
    first_distinct,
    missing_facts,
    numbered,
    one_way,
    unlikely_facts,
)
from family_trees.engine.recipe import SMALL_BATCHES
from family_trees.families.of_1986 import load_families
from family_trees.families.people import Families, Triple
from family_trees.families.relations import RELATIONS, derive_triples
from family_trees.families.task import Task
from family_trees.models.layered import family_network
from family_trees.models.training import Trained, train, usual_held_out
from family_trees.support.files import write_text
from family_trees.support.jobs import Pieces
from family_trees.support.locks import directory_lock
from family_trees.version import VERSION

Source = Literal["1986", "made up"]
Kind = Literal["facts", "records"]
Facts = set[Triple]
SEED = 1009
"""Of the families that are counted; not that of the families on which the recipe was chosen."""
PEOPLE = 200
PLANTED = 10
"""Errors, and as many removals, in a tree."""
FOLDS = 5


class Planted(NamedTuple):
    """A tree with errors."""

    task: Task
    wrong: frozenset[Triple]
    """Facts that it holds and should not."""
    removed: frozenset[Triple]
    """Facts that it does not hold and should."""
    origin: dict[Triple, int]
    """Of facts that were made wrong or removed, which error or removal they come from."""


def true_families(source: Source, number: int) -> Families:
    """Those of 1986, or made-up ones of a number."""
    return load_families() if source == "1986" else made_up_families(PEOPLE, seed=SEED + number)


def plant_facts(families: Families, planted: int, draw: np.random.Generator) -> Planted:
    """Single facts are removed, or name another person of the same sex."""
    facts = derive_triples(families)
    sexes = {person.name: person.sex for person in families.people}
    names = _people(facts)
    known = {*facts}
    chosen = [facts[k] for k in draw.choice(len(facts), 2 * planted, replace=False)]
    removed, changed = chosen[:planted], chosen[planted:]
    wrong: list[Triple] = []
    for one, relation, other in changed:
        fitting = [
            Triple(one, relation, name)
            for name in names
            if name != one and sexes[name] == sexes[other] and Triple(one, relation, name) not in known
        ]
        wrong.append(fitting[draw.integers(len(fitting))])
    left = [fact for fact in facts if fact not in {*chosen}]
    origin = {fact: k for k, fact in enumerate([*wrong, *removed])}
    return Planted(_task(names, [*left, *wrong]), frozenset(wrong), frozenset(removed), origin)


def plant_records(families: Families, planted: int, draw: np.random.Generator) -> Planted:
    """Children lose their parents, or are given those of another child.

    The facts that come from a record are those of the child with its parents: father, mother, son, daughter.
    """
    true = {*derive_triples(families)}
    births = {birth[0]: birth[1:] for birth in families.births}
    chosen = [list(births)[k] for k in draw.choice(len(births), 2 * planted, replace=False)]
    lost, moved = chosen[:planted], chosen[planted:]
    others = [births[list(births)[k]] for k in draw.permutation(len(births))]
    for child in lost:
        del births[child]
    for child in moved:
        births[child] = next(
            own for own in others if own != births[child] and child not in own and not _descends(births, own, child)
        )
    facts = derive_triples(replace(families, births=tuple((child, *own) for child, own in births.items())))
    parental = {"father", "mother", "son", "daughter"}

    def of(facts: set[Triple], children: list[str]) -> dict[Triple, int]:
        return {
            fact: children.index(child)
            for fact in facts
            if fact.relation in parental
            for child in [fact.person1 if fact.relation in ("father", "mother") else fact.person2]
            if child in children
        }

    wrong, removed = of({*facts} - true, moved), of(true - {*facts}, lost)
    names = _people(facts)
    held = {fact: k for fact, k in removed.items() if {fact.person1, fact.person2} <= {*names}}
    return Planted(_task(names, list(facts)), frozenset(wrong), frozenset(held), wrong | held)


def _descends(births: dict[str, tuple[str, ...]], people: tuple[str, ...], ancestor: str) -> bool:
    """Whether one of `people` is a descendant of `ancestor`."""
    return any(name == ancestor or _descends(births, births.get(name, ()), ancestor) for name in people)


def _people(facts: tuple[Triple, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fact.person1 for fact in facts))


def _task(names: tuple[str, ...], facts: list[Triple]) -> Task:
    return Task(names, tuple(word for word in RELATIONS if any(fact.relation == word for fact in facts)), tuple(facts))


class Row(NamedTuple):
    """What was found in one tree, in one way."""

    tree: str
    kind: str
    number: int
    people: int
    facts: int
    asked: str
    """Which networks were asked, and how."""
    errors: int
    errors_found: int
    """Errors of which a fact is among the ten least likely."""
    removals: int
    removals_found: int
    """Removals of which a fact is among the ten surest that are no facts; -1 where that was not asked."""


def measure(job: tuple[Source, Kind, int], networks: int) -> list[Row]:
    """The rows of one tree: as `family-trees check` does it, then in other ways."""
    source, kind, number = job
    draw = np.random.default_rng((SEED, number))
    few = PLANTED if source == "made up" else PLANTED // 2
    planted = (plant_facts if kind == "facts" else plant_records)(true_families(source, number), few, draw)
    task = planted.task
    learn = partial(
        train, task, SMALL_BATCHES, seed=SEED, architecture=family_network(len(task.people), len(task.relations))
    )
    usual = learn(held_out=usual_held_out(task)).model(0)
    facts, of = numbered(task), (usual.architecture, usual.weights, task)
    others = candidates(*of)
    several = learn(networks=networks, first=1, held_out=0)
    of_several = (several.architecture, several.weights, task)
    others_of_several = candidates(*of_several)
    found: dict[str, tuple[Facts, Facts | None]] = {
        "as check does": (
            {each.fact for each in unlikely_facts(usual, LIST_LENGTH)},
            {each.fact for each in missing_facts(usual, LIST_LENGTH)},
        ),
        "in one direction": (
            _listed(task, facts, one_way(*of, facts)),
            _listed(task, others, -one_way(*of, others)),
        ),
        f"of {networks} networks together": (
            _listed(task, facts, both_ways(*of_several, facts)),
            _listed(task, others_of_several, -both_ways(*of_several, others_of_several)),
        ),
        "of networks that held the case out": (_least_when_held_out(task, learn, networks + 1, draw), None),
    }
    sizes = (len(task.people), len(task.triples))
    removals = len({planted.origin[fact] for fact in planted.removed})
    return [
        Row(
            *(source, kind, number, *sizes, asked),
            *(few, _origins(planted, planted.wrong, least)),
            *(removals, -1 if surest is None else _origins(planted, planted.removed, surest)),
        )
        for asked, (least, surest) in found.items()
    ]


def _listed(task: Task, facts: NDArray[np.int64], ranks: NDArray[np.float64]) -> Facts:
    """The ten of the lowest ranks."""
    return {
        Triple(task.people[one], task.relations[relation], task.people[other])
        for one, relation, other in facts[first_distinct(task, facts, ranks, LIST_LENGTH)]
    }


def _least_when_held_out(task: Task, learn: Callable[..., Trained], number: int, draw: np.random.Generator) -> Facts:
    """The ten least likely, if each fact is asked for from a network that was not trained on its case."""
    facts, likelihood = numbered(task), np.zeros(len(task.triples))
    order = draw.permutation(len(task.cases))
    for fold in range(FOLDS):
        held_out = [task.cases[k] for k in order[fold::FOLDS]]
        trained = learn(first=number + fold, held_out=held_out)
        own = np.flatnonzero([fact[:2] in {*held_out} for fact in task.triples])
        likelihood[own] = both_ways(trained.architecture, trained.weights, task, facts[own])
    return _listed(task, facts, likelihood)


def _origins(planted: Planted, sought: frozenset[Triple], listed: Facts) -> int:
    return len({planted.origin[fact] for fact in listed & sought})


@click.command()
@click.option("--networks", default=5, show_default=True, help="Networks that are asked together.")
@click.option(
    "--trees",
    default=8,
    show_default=True,
    help="Made-up families, and draws of what to plant in 1986.",
)
@click.option("--work", default=Path("studies/planted"), show_default=True, type=click.Path(path_type=Path))
@click.option("--workers", default=os.cpu_count(), show_default=True, help="Processes.")
@click.option("--out", default=Path("results/planted.csv"), show_default=True, type=click.Path(path_type=Path))
def main(networks: int, trees: int, work: Path, workers: int, out: Path) -> None:
    """Plant, train, look, count; write the table and print the means over trees with their intervals."""
    jobs = [(*each, number) for each in product(get_args(Source), get_args(Kind)) for number in range(trees)]
    pieces = Pieces(work / "trees", f"{VERSION}, {networks} networks, {jobs}")
    with directory_lock(work):
        rows = rows_in_order(partial(measure, networks=networks), Row, jobs, pieces, label="trees", workers=workers)
        table = pd.DataFrame(rows)
        write_text(out, table.to_csv(index=False, lineterminator="\n"))
        pieces.remove()
    counts = table.groupby(["tree", "kind", "asked"], sort=False)[list(Row._fields[-4:])].sum()
    click.echo(counts.to_string())
    click.echo(f"written: {out}")


if __name__ == "__main__":
    main()
