"""Studies: many networks, recipes x splits x seeds, as two tidy tables.

A study is a small TOML file. Its networks are trained in blocks on all cores; each block is written as it finishes, so
that a study that was stopped, or killed, goes on where it was, and ends with the very same bytes. Memory does not grow
with the number of networks: blocks are text, and the tables are put together by copying.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import signal
import threading
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from family_trees.errors import FamilyTreesError
from family_trees.files import staged_file, write_text
from family_trees.learning import Cases, descend, diverged, error
from family_trees.network import FAMILY_TREE_NETWORK, Weights, forward
from family_trees.recipe import PUBLISHED, RECIPES, Recipe, differences, shaped, values
from family_trees.task import Case, Task, family_trees_task, right
from family_trees.training import Precision, case_orders, initial_weights, keep_freed_memory, random_stream
from family_trees.version import VERSION

BLOCK = 32
"""Networks in a block of work."""

EVERY = 10
"""Sweeps between two looks for the first sweep at which all training cases are right."""

MARGIN = 0.2
"""Of the strict criterion: on above 0.8, off below 0.2 (Nature, fig. 4)."""


@dataclass(frozen=True)
class Study:
    """What a study file says.

    Raises:
        FamilyTreesError: a value outside its range; names key and range.
    """

    title: str
    recipes: tuple[Recipe, ...]
    """One for each combination of the axes."""
    splits: int
    """How many splits of the cases are drawn, for each number of held-out cases; all recipes share them."""
    seeds: int = 1
    """Networks on each split, which differ in their first weights."""
    held_out: tuple[int, ...] | Literal["each"] = (4,)
    """How many cases are held out, one number or several; or "each", which takes every case alone, and no `splits`."""
    checkpoints: tuple[int, ...] = ()
    """Sweeps after which the networks are looked at; always also after the last one."""
    seed: int = 0
    precision: Precision = "float64"


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
    *(f"norm_{layer.name.replace(' ', '_')}" for layer in FAMILY_TREE_NETWORK.computed),
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


def read_study(path: Path) -> Study:
    """The study that the TOML file at `path` describes.

    Raises:
        FamilyTreesError: no such file, no TOML, or a key or value that is not allowed; names file, key, and what is.
    """
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise FamilyTreesError(f"{path}: cannot read: {problem.strerror}") from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise FamilyTreesError(f"{path}: not a TOML file: {problem}") from problem
    try:
        return _study(entries)
    except FamilyTreesError as problem:
        raise FamilyTreesError(f"{path}: {problem}") from None


def _study(entries: dict[str, Any]) -> Study:
    known = ("title", "seed", "splits", "seeds", "held_out", "checkpoints", "precision", "recipes", "axes")
    for key in entries:
        if key not in known:
            raise FamilyTreesError(f"{key}: no such key; there are {', '.join(known)}")
    if not isinstance(entries.get("title"), str):
        raise FamilyTreesError("title: give a text")
    held_out = entries.get("held_out", 4)
    each = held_out == "each"
    most = len(family_trees_task().cases) - 1
    if each and "splits" in entries:
        raise FamilyTreesError('splits: not allowed with held_out = "each", which has a split for every case')
    precision = entries.get("precision", "float64")
    if precision not in get_args(Precision):
        raise FamilyTreesError(f"precision: {precision!r} is not allowed; give one of {', '.join(get_args(Precision))}")
    return Study(
        entries["title"],
        _recipes(entries.get("recipes", [{"base": "published"}]), entries.get("axes", {})),
        0 if each else _whole("splits", entries.get("splits"), 1),
        _whole("seeds", entries.get("seeds", 1), 1),
        "each" if each else tuple(_whole("held_out", n, 0, most) for n in _list(held_out)),
        tuple(sorted({_whole("checkpoints", n, 0) for n in _list(entries.get("checkpoints", []))})),
        _whole("seed", entries.get("seed", 0), 0),
        precision,
    )


def _recipes(tables: Any, axes: Any) -> tuple[Recipe, ...]:
    """Every recipe of the file, with every combination of the axes."""
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise FamilyTreesError("recipes: give one or more tables [[recipes]]")
    if not isinstance(axes, dict) or not all(isinstance(several, list) and several for several in axes.values()):
        raise FamilyTreesError("axes: give lists of values, one for each key")
    recipes = []
    for table in tables:
        settings = dict(table)
        base = settings.pop("base", "published")
        if base not in RECIPES:
            raise FamilyTreesError(f"base: {base!r} is not a recipe; there are {', '.join(RECIPES)}")
        name = settings.pop("name", base)
        for combination in product(*axes.values()):
            varied = dict(zip(axes, combination, strict=True))
            suffix = ", ".join(f"{key} {_brief(value)}" for key, value in varied.items())
            full = f"{name}, {suffix}" if suffix else name
            recipes.append(_changed(RECIPES[base], full, settings | varied))
    names = [recipe.name for recipe in recipes]
    for name in names:
        if names.count(name) > 1:
            raise FamilyTreesError(f"recipes: two are called {name!r}; give each a name of its own")
    return tuple(recipes)


def _changed(base: Recipe, name: str, settings: Mapping[str, Any]) -> Recipe:
    """`base` with settings as TOML gives them; `epsilon_factor` multiplies both step sizes."""
    new: dict[str, Any] = {}
    known = values(PUBLISHED)
    for key, value in settings.items():
        if key == "epsilon_factor":
            if not isinstance(value, int | float) or isinstance(value, bool):
                raise FamilyTreesError(f"epsilon_factor: {value!r} is not allowed; give a number above 0")
            new["epsilon"] = (base.epsilon[0] * value, base.epsilon[1] * value)
        elif key not in known:
            raise FamilyTreesError(f"{key}: no such key; a recipe has epsilon_factor, {', '.join(known)}")
        elif isinstance(value, list):
            new[key] = tuple(value)
        elif isinstance(known[key], float) and isinstance(value, int) and not isinstance(value, bool):
            new[key] = float(value)
        else:
            new[key] = value
    return replace(base, name=name, **new)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _whole(key: str, value: Any, least: int, most: int | None = None) -> int:
    good = isinstance(value, int) and not isinstance(value, bool) and value >= least
    if not good or (most is not None and value > most):
        allowed = f"a whole number of at least {least}" + ("" if most is None else f" and at most {most}")
        raise FamilyTreesError(f"{key}: {value!r} is not allowed; give {allowed}")
    return int(value)


def _brief(value: Any) -> str:
    return "/".join(map(_brief, value)) if isinstance(value, list) else str(value)


def smaller(study: Study, networks: int) -> Study:
    """`study` with at most `networks` networks for each recipe and held-out size, but at least one on each split."""
    if study.held_out == "each":
        return replace(study, seeds=max(1, min(study.seeds, networks // len(family_trees_task().cases))))
    seeds = min(study.seeds, networks)
    return replace(study, seeds=seeds, splits=min(study.splits, networks // seeds))


def cells(study: Study, task: Task) -> tuple[Cell, ...]:
    """Recipes x held-out sizes, each with its splits; recipes share them."""
    several: list[tuple[tuple[Case, ...], ...]]
    if study.held_out == "each":
        several = [tuple((case,) for case in task.cases)]
    else:
        several = [
            tuple(task.draw_held_out(size, random_stream(study.seed, k, "split")) for k in range(study.splits))
            for size in study.held_out
        ]
    return tuple(Cell(recipe, splits) for recipe in study.recipes for splits in several)


def blocks(study: Study, task: Task) -> list[Block]:
    """All the work of a study, in the order of its tables."""
    pieces = [
        (cell, first, min(BLOCK, len(cell.splits) * study.seeds - first))
        for cell in cells(study, task)
        for first in range(0, len(cell.splits) * study.seeds, BLOCK)
    ]
    return [Block(number, *piece) for number, piece in enumerate(pieces)]


def run_study(
    study: Study,
    out: Path,
    *,
    workers: int | None = None,
    resume: bool = False,
    report: Callable[[int, int], None] | None = None,
) -> bool:
    """Train all networks of `study` and write `networks.csv` and `cases.csv` into the directory `out`.

    Args:
        workers: processes; by default one a core.
        resume: go on with what an earlier run left in `out`.
        report: called with the networks done and their number, at the start and after every block.

    Returns:
        Whether anything was left to do: a finished study is not run again.

    Raises:
        FamilyTreesError: `out` cannot be written, or holds another study, or an unfinished one without `resume`.
    """
    task = family_trees_task()
    work = blocks(study, task)
    described = json.dumps({"version": VERSION, **asdict(study)}, indent=1) + "\n"
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
    with ProcessPoolExecutor(workers, initializer=_worker) as pool:
        futures = {pool.submit(_run_block, study, block, pieces): block for block in left}
        try:
            for future in as_completed(futures):
                future.result()
                done += futures.pop(future).networks
                if report is not None:
                    report(done, total)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    for name, columns in (("cases", CASE_COLUMNS), ("networks", NETWORK_COLUMNS)):
        with staged_file(out / f"{name}.csv") as temporary, temporary.open("wb") as table:
            table.write((",".join(columns) + "\n").encode())
            for block in work:
                with _piece(pieces, block, name).open("rb") as piece:
                    shutil.copyfileobj(piece, table)
    shutil.rmtree(pieces)
    return True


def _piece(directory: Path, block: Block, name: str) -> Path:
    return directory / f"{block.number:06}-{name}.csv"


def _worker() -> None:
    """Leave Ctrl-C to the parent, and end with it, whatever ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _run_block(study: Study, block: Block, directory: Path) -> None:
    """Train the networks of a block and write its two pieces; that of the networks, the last one, says it is done."""
    texts = {"cases": io.StringIO(), "networks": io.StringIO()}
    writers = {name: csv.writer(text, lineterminator="\n") for name, text in texts.items()}
    for name, row in rows(study, block, family_trees_task()):
        writers[name].writerow(row)
    for name, text in texts.items():
        if directory.is_dir():  # else the study was finished without this worker, which outlived its parent
            write_text(_piece(directory, block, name), text.getvalue())


def rows(study: Study, block: Block, task: Task) -> Iterator[tuple[str, Sequence[object]]]:
    """Train the networks of a block; give the rows of the two tables, each with the name of its table."""
    recipe, splits = block.cell
    numbers = range(block.first, block.first + block.networks)
    own = [splits[k // study.seeds] for k in numbers]
    architecture = shaped(recipe, FAMILY_TREE_NETWORK)
    cases = Cases(
        task.inputs(dtype=study.precision),
        task.desired(study.precision),
        np.array([task.counted(split, study.precision) for split in own]),
    )
    streams = [random_stream(study.seed, k, "weights") for k in numbers]
    weights = initial_weights(architecture, recipe.initial_range, streams, study.precision)
    orders = case_orders(study.seed, numbers, cases.counted)
    wanted = {*(n for n in study.checkpoints if n <= recipe.sweeps), recipe.sweeps}
    counted = cases.counted > 0
    first_learned = np.full(block.networks, -1)
    keep_freed_memory()
    # Networks that diverge are rows of their tables like all others.
    with np.errstate(over="ignore", invalid="ignore"):
        for state in descend(architecture, recipe, weights, cases, orders):
            if state.sweep % EVERY and state.sweep not in wanted:
                continue
            y = forward(architecture, state.weights, cases.inputs)[architecture.output.name]
            by_criterion = criteria(y, cases.desired)
            learned = np.all(by_criterion["right"] | ~counted, axis=-1)
            first_learned[learned & (first_learned < 0)] = state.sweep
            if state.sweep not in wanted:
                continue
            errors, lost = error(y, cases, recipe.error_signal), diverged(state.weights)
            norms = _norms(state.weights)
            for place, (number, split) in enumerate(zip(numbers, own, strict=True)):
                key = (len(split), number // study.seeds, number % study.seeds, number, state.sweep)
                yield (
                    "networks",
                    (
                        recipe.name,
                        json.dumps(differences(recipe)),
                        *key,
                        f"{errors[place]:.6g}",
                        int(counted[place].sum()),
                        *(int(each[place][counted[place]].sum()) for each in by_criterion.values()),
                        *(int(each[place][~counted[place]].sum()) for each in by_criterion.values()),
                        "" if first_learned[place] < 0 else first_learned[place],
                        *(f"{norm[place]:.6g}" for norm in norms),
                        int(lost[place]),
                    ),
                )
                for case in split:
                    k = task.cases.index(case)
                    yield "cases", (recipe.name, *key, *case, *(int(each[place, k]) for each in by_criterion.values()))


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
    """The root of the sum of squares of all weights into a layer, biases too, (networks,) for each layer."""
    squares: dict[str, NDArray[np.floating]] = {}
    for connection, w in weights.items():
        squares[connection.above] = squares.get(connection.above, 0) + np.sum(w**2, axis=(-2, -1))
    return [np.sqrt(squares[layer.name]) for layer in FAMILY_TREE_NETWORK.computed]
