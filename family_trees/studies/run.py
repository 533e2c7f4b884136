"""Studies: many networks, recipes x splits x seeds, as tidy tables.

The networks of a study file are trained in blocks; each block is a job whose result is the rows of the tables as text.
So a study that was stopped, or killed, goes on where it was, and ends with the very same bytes. Memory does not grow
with the number of networks: the tables are put together by copying block after block.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from itertools import accumulate
from pathlib import Path

from family_trees.engine.learner import LayeredLearner
from family_trees.families.of_1986 import family_trees_task
from family_trees.families.task import Task
from family_trees.models.layered import FAMILY_TREE_NETWORK, family_network
from family_trees.studies.rows import COLUMNS, Block, Cell, rows
from family_trees.studies.study_file import Study
from family_trees.support.checksums import CHECKSUMS_NAME, checksum_problem, checksums_text
from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import check_written, remove_leftovers, staged_file, write_text
from family_trees.support.jobs import Executor, Pieces, log_warning, run_jobs
from family_trees.support.locks import LOCK_NAME, directory_lock
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
            tuple(task.draw_held_out(size, study.seed, k) for k in range(study.splits))
            for size in study.held_out
            if isinstance(size, int)
        ]
    )
    return tuple(
        Cell(recipe, splits, study.layers_of(place), study.variant_of(place))
        for place, recipe in enumerate(study.recipes)
        for splits in several
    )


def networks_of_cells(study: Study, task: Task) -> int:
    """How many networks each cell has; no split is drawn to count them."""
    return (len(study.named_splits(task)) or study.splits) * study.seeds


def block_sizes(study: Study, networks: int) -> list[int]:
    """How many networks each block of a cell of so many networks has."""
    # The members of a committee are trained in one block.
    step = max(1, BLOCK // study.seeds) * study.seeds if study.committees else BLOCK
    return [min(step, networks - first) for first in range(0, networks, step)]


def blocks(study: Study, task: Task) -> list[Block]:
    """All the work of a study, in the order of its tables."""
    sizes = block_sizes(study, networks_of_cells(study, task))
    firsts = [0, *accumulate(sizes)]
    pieces = [(cell, *piece) for cell in cells(study, task) for piece in zip(firsts, sizes, strict=False)]
    return [Block(number, *piece) for number, piece in enumerate(pieces)]


def run_study(
    study: Study,
    out: Path,
    *,
    task: Task | None = None,
    architecture: LayeredLearner | None = None,
    workers: int | None = None,
    resume: bool = False,
    report: Callable[[int, int], None] | None = None,
    executor: Executor | None = None,
    warn: Callable[[str], None] = log_warning,
) -> bool:
    """Train all networks of `study` and write its tables (`COLUMNS`) into the directory `out`.

    `committees.csv` is written for a study that has committees.

    Args:
        task: what is learned; by default the trees of 1986.
        architecture: that of the networks, but for recipes with layers of their own; by default the one that fits the
            task.
        workers: processes; by default one a core.
        resume: go on with what an earlier run left in `out`.
        report: called with the networks done and their number, at the start and after every block.
        executor: what trains the blocks, in place of processes on this machine; see `family_trees.support.jobs`.
        warn: called with one line if a block was damaged and is trained again; by default, the log gets it.

    Returns:
        Whether anything was left to do: a finished study is not run again.

    Raises:
        FamilyTreesError: `out` cannot be written, or another run is at work there, or it holds another study, a damaged
            one, or an unfinished one without `resume`.
    """
    task = family_trees_task() if task is None else task
    work = blocks(study, task)
    columns = hashlib.sha256(json.dumps(COLUMNS).encode()).hexdigest()  # blocks of other columns must not be mixed in
    about = {"version": VERSION, "columns": columns, **asdict(study)}
    for key in ("layers", "variants"):
        if not getattr(study, key):
            del about[key]
    if architecture is None:
        architecture = family_network(len(task.people), len(task.relations))
    if (task, architecture) != (family_trees_task(), FAMILY_TREE_NETWORK):
        facts = hashlib.sha256(json.dumps([task.people, task.relations, task.triples]).encode()).hexdigest()
        about |= {"facts": facts, "units": [layer.units for layer in architecture.layers]}
    pieces = Pieces(out / "blocks", json.dumps(about, indent=1) + "\n")
    names = [name for name in COLUMNS if name != "committees" or study.committees]
    if (
        not pieces.directory.exists()
        and not (out / LOCK_NAME).exists()
        and _is_finished(study, work, out, pieces.about)
    ):
        return False  # without a lock, so that the directory may be read-only
    with directory_lock(out):
        mark = out / "study.json"
        for path in (mark, out / CHECKSUMS_NAME, *(out / f"{name}.csv" for name in names)):
            remove_leftovers(path)
        if _is_finished(study, work, out, pieces.about):
            pieces.remove()
            return False
        if mark.exists() and not resume:
            raise FamilyTreesError(f"{out}: holds this study, unfinished; --resume goes on with it")
        if not mark.exists():
            write_text(mark, pieces.about)
        jobs = {_name(block): block for block in work}
        done, total = 0, sum(block.networks for block in work)

        def count(finished: Sequence[str]) -> None:
            nonlocal done
            done += sum(jobs[name].networks for name in finished)
            if report is not None:
                report(done, total)

        run_jobs(
            partial(_run_block, study, task, architecture),
            jobs,
            pieces,
            executor=executor,
            workers=workers,
            report=count,
            warn=warn,
        )
        _write_tables(out, names, pieces, jobs)
        pieces.remove()
    return True


def _name(block: Block) -> str:
    return f"{block.number:06}"


def _run_block(study: Study, task: Task, architecture: LayeredLearner, block: Block) -> bytes:
    """Train the networks of a block; give its rows of all tables as CSV, in JSON by the names of the tables."""
    texts = {name: io.StringIO() for name in COLUMNS}
    writers = {name: csv.writer(text, lineterminator="\n") for name, text in texts.items()}
    for name, row in rows(study, block, task, architecture):
        writers[name].writerow(row)
    return json.dumps({name: text.getvalue() for name, text in texts.items()}).encode()


def _write_tables(out: Path, names: Sequence[str], pieces: Pieces, blocks: Iterable[str]) -> None:
    """Put the rows of all blocks together, and see that the tables hold them before any moves into place.

    Their checksums are written beside them.
    """
    with ExitStack() as stack:
        # The last one entered is the first to move into place; that of the networks moves last and says all is there.
        paths = {name: stack.enter_context(staged_file(out / f"{name}.csv")) for name in reversed(names)}
        digests = {name: hashlib.sha256() for name in names}
        with ExitStack() as opened:
            tables = {name: opened.enter_context(path.open("wb")) for name, path in paths.items()}

            def write(name: str, text: str) -> None:
                tables[name].write(text.encode())
                digests[name].update(text.encode())

            for name in names:
                write(name, ",".join(COLUMNS[name]) + "\n")
            for block in blocks:
                texts = json.loads(pieces.read(block))
                for name in names:
                    write(name, texts[name])
        for name, path in paths.items():
            check_written(path, digests[name].hexdigest())
        sums = stack.enter_context(staged_file(out / CHECKSUMS_NAME))
        sums.write_text(
            checksums_text({f"{name}.csv": digest.hexdigest() for name, digest in digests.items()}), encoding="ascii"
        )


def _is_finished(study: Study, work: Sequence[Block], out: Path, about: str) -> bool:
    """Whether `out` holds the tables of this study.

    Raises:
        FamilyTreesError: it holds another study, or a damaged one.
    """
    mark, table = out / "study.json", out / "networks.csv"  # which is the last file to be written
    if not mark.exists():
        return False
    try:
        found = mark.read_bytes()
        is_whole = isinstance(json.loads(found), dict)
    except (OSError, ValueError, RecursionError):
        is_whole = False
    if not is_whole:
        raise FamilyTreesError(f"{mark}: is damaged; remove {out}, or give another directory with --out")
    if found != about.encode():
        raise FamilyTreesError(f"{out}: holds another study; give another directory with --out")
    if not table.exists():
        return False
    looks = {recipe: {*(n for n in study.checkpoints if n <= recipe.sweeps), recipe.sweeps} for recipe in study.recipes}
    expected = sum(block.networks * len(looks[block.cell.recipe]) for block in work)
    for name in ("networks", "cases", *(["committees"] if study.committees else [])):
        path = out / f"{name}.csv"
        problem = _problem(path, COLUMNS[name], expected if path == table else None)
        if problem:
            raise FamilyTreesError(
                f"{path}: is damaged ({problem}); remove {table.name}, and --resume runs the study again"
            )
    return True


def _problem(table: Path, columns: Sequence[str], expected: int | None) -> str:
    """What is wrong with the shape of a finished table, or with its checksum; empty if nothing is.

    Args:
        expected: the number of its rows; None if that is not known.
    """
    try:
        with table.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file, strict=True)
            if next(reader, None) != list(columns):
                return "it begins with other columns"
            count = 0
            for count, row in enumerate(reader, 1):  # noqa: B007
                if len(row) != len(columns):
                    return f"line {reader.line_num} has {len(row)} of {len(columns)} cells"
        if expected not in (None, count):
            return f"it has {count} of {expected} rows"
        return checksum_problem(table)
    except OSError as problem:
        return f"cannot be read: {problem.strerror or problem}"
    except (UnicodeDecodeError, csv.Error) as problem:
        return str(problem)
