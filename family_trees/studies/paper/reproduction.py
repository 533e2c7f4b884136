"""Runs of the experiments on all cores. Each finished job is stored, so that a stopped run can go on.

`DIR/tables/` holds a directory of tables for each finished experiment, and `reproduction.json`, which says how many
networks they were made of. During a run, `DIR/.unfinished/` holds another `reproduction.json`, and a piece for each
finished job. The old tables stay until all new ones are complete.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, get_args

from family_trees.engine.recipe import DEFAULT
from family_trees.families.of_1986 import family_trees_task
from family_trees.models.training import train
from family_trees.studies.paper.experiments import EXPERIMENTS, do_job, sum_up
from family_trees.studies.paper.jobs import ExperimentJob, ExperimentName, ReproductionSize, Tables
from family_trees.support.checksums import CHECKSUMS_NAME, checksum_problem, checksums_text
from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import check_written, naming_write_errors, remove_leftover_directories, write_text
from family_trees.support.jobs import Executor, Pieces, log_warning, run_jobs
from family_trees.support.locks import directory_lock
from family_trees.version import VERSION

ALL_EXPERIMENTS: tuple[ExperimentName, ...] = get_args(ExperimentName)
"""The names of all experiments, in order."""


MARK_FILE = "reproduction.json"
"""The file that says what a directory holds."""


class ReproductionProgress(NamedTuple):
    """How far a reproduction has come."""

    done: float
    """The work done so far, out of `total`. Its unit is a network of the family-trees task that trains 1500 sweeps."""
    total: float
    experiment: str
    """The experiment of the last finished job."""
    experiments: tuple[ExperimentName, ...]
    """All experiments of this run."""


def job_work(size: ReproductionSize, job: ExperimentJob) -> float:
    """About how much work a job is, in networks of the family-trees task; measured once, on two cores."""
    if job.experiment == "learning":
        return job.networks
    if job.experiment == "units":
        return 2.3 * job.networks  # with decay and without, and every weight removed in turn
    if job.experiment == "symmetry":
        return job.networks * size.symmetry_sweeps * (25 + 21 * job.number) * 1e-6
    return (job.networks + 30) * 2**job.number * job.number * 4.4e-4


def estimated_seconds(
    size: ReproductionSize, workers: int, experiments: Sequence[ExperimentName] = ALL_EXPERIMENTS
) -> float:
    """About how many seconds the experiments will take on this machine.

    It trains a few networks for a short time, about a second, and multiplies that by the work.
    """
    sample, networks = replace(DEFAULT, sweeps=50), 32
    train(
        family_trees_task(), replace(sample, sweeps=2), networks=networks, block=networks
    )  # what only the first costs
    start = time.perf_counter()
    train(family_trees_task(), sample, networks=networks, block=networks, every=sample.sweeps)
    network = (time.perf_counter() - start) / networks * DEFAULT.sweeps / sample.sweeps
    return network * sum(job_work(size, job) for job in _jobs(size, experiments)) / workers


def run_experiments(
    size: ReproductionSize,
    out: Path,
    *,
    experiments: Sequence[ExperimentName] = ALL_EXPERIMENTS,
    workers: int | None = None,
    resume: bool = False,
    report: Callable[[ReproductionProgress], None] | None = None,
    executor: Executor | None = None,
    warn: Callable[[str], None] = log_warning,
    locked: bool = False,
) -> dict[ExperimentName, Tables]:
    """Run experiments, write their tables into `out`, and give them by name.

    The same size gives the same bytes with any executor and any number of workers, however often the run was stopped.

    Args:
        workers: processes; by default one a core.
        resume: keep what `out` already holds of this very reproduction, finished or not; else begin anew.
        report: called with the progress at the start and after every job.
        executor: runs the jobs, instead of processes on this machine; see `family_trees.support.jobs`.
        warn: called with one line if a stored piece is damaged and is made again; by default the log gets the line.
        locked: whether the caller holds the `reproduction_lock` of `out`.

    Raises:
        FamilyTreesError: `out` cannot be written; another run is at work there; or it holds a damaged reproduction, or
            an unfinished one that would be lost.
    """
    with nullcontext() if locked else reproduction_lock(out):
        tables, about = out / "tables", {"version": VERSION, **asdict(size)}
        pieces = Pieces(out / ".unfinished", json.dumps(about))
        done = _finished_experiments(out, pieces.directory, about, resume)
        doing = tuple(name for name in experiments if name not in done)
        if doing:
            mark = json.dumps({"about": about, "to do": doing}, indent=1) + "\n"
            write_text(pieces.directory / MARK_FILE, mark)
            jobs = {_name(job): job for job in _jobs(size, doing)}
            _run_jobs(size, jobs, doing, pieces, workers=workers, report=report, executor=executor, warn=warn)
            new = {
                name: sum_up(name, [_read(pieces, each) for each, job in jobs.items() if job.experiment == name])
                for name in doing
            }
            _replace_tables(tables, new, about, pieces.directory / "tables", [*experiments])
            # The mark goes first. Should the program stop here, pieces without a mark are ignored.
            (pieces.directory / MARK_FILE).unlink()
            pieces.remove()
        return {name: read_tables(tables / name) for name in experiments}


@contextmanager
def reproduction_lock(out: Path) -> Iterator[None]:
    """Hold the directory of a reproduction, so that a second run there is refused.

    Raises:
        FamilyTreesError: `out` cannot be written, or another run is at work there.
    """
    if out.exists() and not out.is_dir():
        raise FamilyTreesError(f"{out}: cannot write: this is a file; give the path of a directory")
    with directory_lock(out):
        remove_leftover_directories(out)
        yield


def _replace_tables(
    tables: Path,
    new: Mapping[ExperimentName, Tables],
    about: Mapping[str, Any],
    staging: Path,
    experiments: Sequence[ExperimentName],
) -> None:
    """Put new tables in place of the old ones, which stay until the disk holds all the new ones.

    Args:
        staging: a directory beside the pieces, to which the new tables are written first.
        experiments: all experiments of the reproduction. If they are all new, no old table stays.
    """
    shutil.rmtree(staging, ignore_errors=True)
    for name, several in new.items():
        texts = {f"{each}.csv": table.to_csv(index=False, lineterminator="\n") for each, table in several.items()}
        digests = {file: _write(staging / name / file, text) for file, text in texts.items()}
        write_text(staging / name / CHECKSUMS_NAME, checksums_text(digests))
    places = {name: (staging if name in new else tables) / name for name in experiments}
    files = {name: sorted(path.stem for path in place.glob("*.csv")) for name, place in places.items()}
    _write(staging / MARK_FILE, json.dumps({"about": about, "files": files}, indent=1) + "\n")
    with naming_write_errors(tables):
        if {*experiments} == {*new}:
            shutil.rmtree(tables, ignore_errors=True)
        tables.mkdir(exist_ok=True)
        for name in new:
            shutil.rmtree(tables / name, ignore_errors=True)
            (staging / name).rename(tables / name)
        (staging / MARK_FILE).replace(tables / MARK_FILE)
        staging.rmdir()


def _finished_experiments(out: Path, unfinished: Path, about: dict[str, Any], resume: bool) -> Collection[str]:
    """The experiments that `out` already holds, if this run continues an earlier one. Useless pieces are removed.

    Raises:
        FamilyTreesError: `out` holds a damaged reproduction, or an unfinished one that would be lost.
    """
    begun = _mark(unfinished / MARK_FILE, "to do", f"remove {unfinished} to begin anew")
    if begun is None or not any(
        unfinished.glob("*.piece")
    ):  # no piece is finished, or no mark says what the pieces belong to
        begun = None
        shutil.rmtree(unfinished, ignore_errors=True)
    if begun is not None and not resume:
        raise FamilyTreesError(f"{out}: holds a stopped reproduction; --resume goes on with it, or remove {unfinished}")
    if not resume:
        return ()
    if begun is not None and begun["about"] != about:
        numbers = ", ".join(f"{key} {value}" for key, value in begun["about"].items())
        raise FamilyTreesError(
            f"{out}: holds a stopped reproduction with other numbers ({numbers}); give those again, or remove "
            f"{unfinished}"
        )
    to_do = () if begun is None else begun["to do"]
    whole = _mark(out / "tables" / MARK_FILE, "files", "remove it to do all anew")
    if whole is None or whole["about"] != about:
        return ()
    return [
        name
        for name, several in whole["files"].items()
        if name not in to_do and several and all((out / "tables" / name / f"{each}.csv").is_file() for each in several)
    ]


def _mark(path: Path, key: str, remedy: str) -> dict[str, Any] | None:
    """The content of the mark at `path`; None if there is no mark.

    Args:
        key: the entry that must stand beside `about`.
        remedy: what the user can do about a damaged mark.

    Raises:
        FamilyTreesError: the mark is damaged: it is not JSON, or `about` or `key` is missing or of another kind.
    """
    try:
        mark = json.loads(path.read_bytes())
        about, entry = mark["about"], mark[key]
        lists = list(entry.values()) if key == "files" else [entry]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        about, lists = None, []
    names = [name for several in lists if isinstance(several, list) for name in several]
    if isinstance(about, dict) and all(isinstance(each, list) for each in lists) and all(map(_is_text, names)):
        return {"about": about, key: entry}
    raise FamilyTreesError(f"{path}: is damaged; {remedy}")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _run_jobs(
    size: ReproductionSize,
    jobs: Mapping[str, ExperimentJob],
    doing: tuple[ExperimentName, ...],
    pieces: Pieces,
    *,
    workers: int | None,
    report: Callable[[ReproductionProgress], None] | None,
    executor: Executor | None,
    warn: Callable[[str], None],
) -> None:
    """Run all jobs that are not finished yet, and report the progress."""
    total = sum(job_work(size, job) for job in jobs.values())
    left = dict(jobs)

    def count(finished: Sequence[str]) -> None:
        for name in finished:
            del left[name]
        if report is not None:
            last = jobs[finished[-1]] if finished else next(iter(jobs.values()))
            so_far = total - sum(job_work(size, job) for job in left.values())
            report(ReproductionProgress(so_far, total, last.experiment, doing))

    run_jobs(partial(_job_bytes, size), jobs, pieces, workers=workers, report=count, executor=executor, warn=warn)


def _job_bytes(size: ReproductionSize, job: ExperimentJob) -> bytes:
    """The tables of a job: JSON that holds each table as CSV, by name."""
    return json.dumps({name: table.to_csv(index=False) for name, table in do_job(size, job).items()}).encode()


def _read(pieces: Pieces, name: str) -> Tables:
    """The tables of a finished job."""
    import pandas as pd

    texts: dict[str, str] = json.loads(pieces.read(name))
    return {table: pd.read_csv(io.StringIO(text)) for table, text in texts.items()}


def _write(path: Path, text: str) -> str:
    """Write a text, then check that the file holds it. Returns its SHA-256 in hexadecimal digits."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    write_text(path, text)
    check_written(path, digest)
    return digest


def _name(job: ExperimentJob) -> str:
    return f"{job.experiment}-{job.kind}-{job.number:g}-{job.epsilon:g}-{job.first}"


def _jobs(size: ReproductionSize, experiments: Sequence[ExperimentName]) -> list[ExperimentJob]:
    return [job for name in experiments for job in EXPERIMENTS[name].jobs(size)]


def read_tables(directory: Path) -> Tables:
    """The tables of an experiment, read from its directory.

    Raises:
        FamilyTreesError: a file is not a table, or not the one that the checksums beside it name.
    """
    import pandas as pd

    tables = {}
    for path in sorted(directory.glob("*.csv")):
        try:
            if altered := checksum_problem(path):
                raise ValueError(altered)
            tables[path.stem] = pd.read_csv(path, low_memory=False)
        except (OSError, ValueError) as problem:  # a ValueError of pandas: the file is not a table
            reason = str(problem).splitlines()[0]
            raise FamilyTreesError(
                f"{path}: is damaged ({reason}); remove it, and --resume makes it again"
            ) from problem
    return tables
