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
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path

from family_trees.engine.network import Architecture
from family_trees.families.of_1986 import family_trees_task
from family_trees.families.task import Task
from family_trees.models.layered import FAMILY_TREE_NETWORK
from family_trees.models.randomness import random_stream
from family_trees.studies.rows import COLUMNS, Block, Cell, rows
from family_trees.studies.study_file import Study
from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import staged_file, write_text
from family_trees.support.local_pool import in_parallel
from family_trees.version import VERSION

BLOCK = 32
"""Networks in a block of work."""


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
