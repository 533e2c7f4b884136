"""Studies: many networks, recipes x splits x seeds, as tidy tables.

The networks of a study file are trained in blocks on all cores; each block is written as it finishes, so
that a study that was stopped, or killed, goes on where it was, and ends with the very same bytes. Memory does not grow
with the number of networks: blocks are text, and the tables are put together by copying.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from family_trees.errors import FamilyTreesError
from family_trees.files import staged_file, write_text
from family_trees.learning import Cases, descend, diverged, error, gradient
from family_trees.network import BIAS, FAMILY_TREE_NETWORK, Architecture, Weights, forward
from family_trees.recipe import Recipe, differences, shaped
from family_trees.study_file import Study
from family_trees.task import Case, Task, family_trees_task, right
from family_trees.training import all_cases, case_orders, initial_weights, keep_freed_memory, outcome, random_stream
from family_trees.version import VERSION
from family_trees.workers import in_parallel

BLOCK = 32
"""Networks in a block of work."""

EVERY = 10
"""Sweeps between two looks for the first sweep at which all training cases are right."""

MARGIN = 0.2
"""Of the strict criterion: on above 0.8, off below 0.2 (Nature, fig. 4)."""


class Cell(NamedTuple):
    """Networks that differ in nothing but split and seed."""

    recipe: Recipe
    splits: tuple[tuple[Case, ...], ...]


class Block(NamedTuple):
    """A piece of work: some networks of a cell."""

    number: int
    cell: Cell
    first: int
    networks: int


NETWORK_COLUMNS = (
    "recipe",
    "differences",
    "held_out_cases",
    "split",
    "seed",
    "network",
    "sweep",
    "error",
    "training_cases",
    "training_right",
    "training_right_margins",
    "training_right_best",
    "held_out_right",
    "held_out_right_margins",
    "held_out_right_best",
    "first_sweep_all_training_right",
    *(
        f"{measure}_{layer.name.replace(' ', '_')}"
        for measure in ("norm", "gradient")
        for layer in FAMILY_TREE_NETWORK.computed
    ),
    "diverged",
)
CASE_COLUMNS = (
    "recipe",
    "held_out_cases",
    "split",
    "seed",
    "network",
    "sweep",
    "person",
    "relation",
    "right",
    "right_margins",
    "right_best",
)
COMMITTEE_COLUMNS = (
    "recipe",
    "held_out_cases",
    "split",
    "members",
    "committee",
    "sweep",
    "training_cases",
    *(f"{cases}_right{criterion}" for cases in ("training", "held_out") for criterion in ("", "_margins", "_best")),
)
COLUMNS = {"cases": CASE_COLUMNS, "committees": COMMITTEE_COLUMNS, "networks": NETWORK_COLUMNS}
"""Of each table; that of the networks is the last to be written, and says that all is there."""


def cells(study: Study, task: Task) -> tuple[Cell, ...]:
    """Recipes x held-out sizes, each with its splits; recipes share them."""
    named = study.named_splits(task)
    several = (
        [named]
        if named
        else [
            tuple(task.draw_held_out(size, random_stream(study.seed, k, "split")) for k in range(study.splits))
            for size in study.held_out
            if isinstance(size, int)
        ]
    )
    return tuple(Cell(recipe, splits) for recipe in study.recipes for splits in several)


def blocks(study: Study, task: Task) -> list[Block]:
    """All the work of a study, in the order of its tables."""
    # The members of a committee are trained in one block.
    step = max(1, BLOCK // study.seeds) * study.seeds if study.committees else BLOCK
    pieces = [
        (cell, first, min(step, len(cell.splits) * study.seeds - first))
        for cell in cells(study, task)
        for first in range(0, len(cell.splits) * study.seeds, step)
    ]
    return [Block(number, *piece) for number, piece in enumerate(pieces)]


def run_study(
    study: Study,
    out: Path,
    *,
    task: Task | None = None,
    architecture: Architecture = FAMILY_TREE_NETWORK,
    workers: int | None = None,
    resume: bool = False,
    report: Callable[[int, int], None] | None = None,
) -> bool:
    """Train all networks of `study` and write its tables (`COLUMNS`) into the directory `out`.

    `committees.csv` is written for a study that has committees.

    Args:
        task: what is learned; by default the trees of 1986.
        architecture: that of the networks, which fits the task.
        workers: processes; by default one a core.
        resume: go on with what an earlier run left in `out`.
        report: called with the networks done and their number, at the start and after every block.

    Returns:
        Whether anything was left to do: a finished study is not run again.

    Raises:
        FamilyTreesError: `out` cannot be written, or holds another study, or an unfinished one without `resume`.
    """
    task = family_trees_task() if task is None else task
    work = blocks(study, task)
    about = {"version": VERSION, **asdict(study)}
    if (task, architecture) != (family_trees_task(), FAMILY_TREE_NETWORK):
        facts = hashlib.sha256(json.dumps([task.people, task.relations, task.triples]).encode()).hexdigest()
        about |= {"facts": facts, "units": [layer.units for layer in architecture.layers]}
    described = json.dumps(about, indent=1) + "\n"
    mark = out / "study.json"
    pieces = out / "blocks"
    if mark.exists():
        if mark.read_text(encoding="utf-8") != described:
            raise FamilyTreesError(f"{out}: holds another study; give another directory with --out")
        if (out / "networks.csv").exists():  # it is the last file to be written
            shutil.rmtree(pieces, ignore_errors=True)
            return False
        if not resume:
            raise FamilyTreesError(f"{out}: holds this study, unfinished; --resume goes on with it")
    else:
        write_text(mark, described)
    pieces.mkdir(exist_ok=True)

    total = sum(block.networks for block in work)
    left = [block for block in work if not _piece(pieces, block, "networks").exists()]
    done = total - sum(block.networks for block in left)
    if report is not None:
        report(done, total)
    for block, _ in in_parallel(partial(_run_block, study, task, architecture, pieces), left, workers):
        done += block.networks
        if report is not None:
            report(done, total)
    for name, columns in COLUMNS.items():
        if name == "committees" and not study.committees:
            continue
        with staged_file(out / f"{name}.csv") as temporary, temporary.open("wb") as table:
            table.write((",".join(columns) + "\n").encode())
            for block in work:
                with _piece(pieces, block, name).open("rb") as piece:
                    shutil.copyfileobj(piece, table)
    shutil.rmtree(pieces)
    return True


def _piece(directory: Path, block: Block, name: str) -> Path:
    return directory / f"{block.number:06}-{name}.csv"


def _run_block(study: Study, task: Task, architecture: Architecture, directory: Path, block: Block) -> None:
    """Train the networks of a block and write its pieces; that of the networks, the last one, says it is done."""
    texts = {name: io.StringIO() for name in COLUMNS}
    writers = {name: csv.writer(text, lineterminator="\n") for name, text in texts.items()}
    for name, row in rows(study, block, task, architecture):
        writers[name].writerow(row)
    for name, text in texts.items():
        if directory.is_dir():  # else the study was finished without this worker, which outlived its parent
            write_text(_piece(directory, block, name), text.getvalue())


def rows(
    study: Study, block: Block, task: Task, network: Architecture = FAMILY_TREE_NETWORK
) -> Iterator[tuple[str, Sequence[object]]]:
    """Train the networks of a block; give the rows of all tables, each with the name of its table."""
    recipe, splits = block.cell
    numbers = range(block.first, block.first + block.networks)
    own = [splits[k // study.seeds] for k in numbers]
    architecture = shaped(recipe, network)
    cases = all_cases(task, own, study.precision)
    streams = [random_stream(study.seed, k, "weights") for k in numbers]
    weights = initial_weights(architecture, recipe.initial_range, streams, study.precision)
    orders = case_orders(study.seed, numbers, cases.counted)
    wanted = {*(n for n in study.checkpoints if n <= recipe.sweeps), recipe.sweeps}
    first_learned = np.full(block.networks, -1)
    committees = list(_committees(study, numbers))
    case_place = {case: k for k, case in enumerate(task.cases)}
    keep_freed_memory()
    # Networks that diverge are rows of their tables like all others.
    with np.errstate(over="ignore", invalid="ignore"):
        for state in descend(architecture, recipe, weights, cases, orders):
            if state.sweep % EVERY and state.sweep not in wanted:
                continue
            is_counted = cases.counted > 0
            if state.sweep not in wanted:
                _, is_right = outcome(architecture, state.weights, cases)
            else:
                found = _judge(architecture, recipe, state.weights, cases, committees)
                is_right = found.by_criterion["right"]
            learned = np.all(is_right | ~is_counted, axis=-1)
            first_learned[learned & (first_learned < 0)] = state.sweep
            if state.sweep not in wanted:
                continue
            measures = (
                found.error,
                *_norms(state.weights),
                *_norms(gradient(architecture, state.weights, cases, recipe.error_signal, recipe.margin)),
            )
            lost = diverged(state.weights)
            for place, (number, split) in enumerate(zip(numbers, own, strict=True)):
                key = (len(split), number // study.seeds, number % study.seeds, number, state.sweep)
                first_error, *norms = (f"{measure[place]:.6g}" for measure in measures)
                yield (
                    "networks",
                    (
                        *(recipe.name, json.dumps(differences(recipe)), *key, first_error),
                        *_counts(found.by_criterion, place, is_counted[place]),
                        "" if first_learned[place] < 0 else first_learned[place],
                        *norms,
                        int(lost[place]),
                    ),
                )
                for case in split:
                    k = case_place[case]
                    by_criterion = (int(each[place, k]) for each in found.by_criterion.values())
                    yield "cases", (recipe.name, *key, *case, *by_criterion)
            for (first, members), together in zip(committees, found.committees, strict=True):
                split_number, seed = divmod(numbers[first], study.seeds)
                yield (
                    "committees",
                    (
                        *(recipe.name, len(own[first]), split_number, members, seed // members, state.sweep),
                        *_counts(together, 0, is_counted[first]),
                    ),
                )


class _Judged(NamedTuple):
    """What the networks of a block do with all cases."""

    error: NDArray[np.floating]
    """E over the training cases, (networks,)."""
    by_criterion: dict[str, NDArray[np.bool_]]
    """Which cases are right, as `criteria` says."""
    committees: list[dict[str, NDArray[np.bool_]]]
    """The same of each committee, as of one network."""


def _judge(
    network: Architecture, recipe: Recipe, weights: Weights, cases: Cases, committees: Sequence[tuple[int, int]]
) -> _Judged:
    parts = []
    for part in cases.parts():
        y = forward(network, weights, part.inputs)[network.output.name]
        means = (np.mean(y[first : first + members], axis=0, keepdims=True) for first, members in committees)
        parts.append(
            _Judged(
                error(y, part, recipe.error_signal),
                criteria(y, part.desired),
                [criteria(mean, part.desired) for mean in means],
            )
        )

    def joined(several: Sequence[dict[str, NDArray[np.bool_]]]) -> dict[str, NDArray[np.bool_]]:
        return {name: np.concat([each[name] for each in several], axis=-1) for name in several[0]}

    return _Judged(
        np.sum([each.error for each in parts], axis=0),
        joined([each.by_criterion for each in parts]),
        [joined(several) for several in zip(*(each.committees for each in parts), strict=True)],
    )


def _counts(by_criterion: Mapping[str, NDArray[np.bool_]], place: int, counted: NDArray[np.bool_]) -> Iterator[int]:
    """Training cases; how many of them are right by each criterion; and how many held-out cases are."""
    yield int(counted.sum())
    for some in (counted, ~counted):
        yield from (int(each[place][some].sum()) for each in by_criterion.values())


def _committees(study: Study, numbers: range) -> Iterator[tuple[int, int]]:
    """Place of the first member, and members, of every committee of a block: disjoint ones, of one split each."""
    for members in study.committees:
        for place, number in enumerate(numbers):
            seed = number % study.seeds
            if seed % members == 0 and seed + members <= study.seeds:
                yield place, members


def criteria(y: NDArray[np.floating], d: NDArray[np.floating]) -> dict[str, NDArray[np.bool_]]:
    """Which cases are right by three criteria, each (networks, cases).

    "right": units on the right side of 0.5 (CogSci 1986); "margins": on above 0.8, off below 0.2; "best": the most
    active unit is one of the right answers.

    Args:
        y: activities of the output units, (networks, cases, units).
        d: desired activities, (cases, units).
    """
    on = d > 0.5
    best = np.take_along_axis(np.broadcast_to(on, y.shape), np.argmax(y, axis=-1)[..., None], axis=-1)[..., 0]
    return {
        "right": right(y, d),
        "margins": np.all(np.where(on, y > 1 - MARGIN, y < MARGIN), axis=-1),
        "best": best & np.all(np.isfinite(y), axis=-1),
    }


def _norms(weights: Weights) -> list[NDArray[np.floating]]:
    """The root of the sum of squares over all weights into a layer, without biases, (networks,) for each layer."""
    squares: dict[str, NDArray[np.floating]] = {}
    for connection, w in weights.items():
        if connection.below == BIAS:
            continue
        squares[connection.above] = squares.get(connection.above, 0) + np.sum(w**2, axis=(-2, -1))
    return [np.sqrt(squares[layer.name]) for layer in FAMILY_TREE_NETWORK.computed]
