"""A study from beginning to end: what is checked before it, and its run with a summary."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from family_trees.engine.learner import LayeredLearner
from family_trees.families.task import Task
from family_trees.models.memory import check_memory
from family_trees.studies.rows import Cell, architecture_of
from family_trees.studies.run import block_sizes, networks_of_cells, run_study
from family_trees.studies.study_file import Study
from family_trees.support.jobs import Executor


def networks_of(study: Study, task: Task) -> int:
    """How many networks a study trains; no split is drawn to count them."""
    sizes = 1 if study.named_splits(task) else len(study.held_out)
    return len(study.recipes) * sizes * networks_of_cells(study, task)


def check_study_memory(study: Study, task: Task, architecture: LayeredLearner, workers: int | None = None) -> None:
    """See before a study whether the machine has the memory for all workers, each with a block of networks.

    Args:
        workers: processes; by default one a core.

    Raises:
        FamilyTreesError: it has not; says how much the study would take.
    """
    of_cell = networks_of_cells(study, task)
    sizes = sorted(block_sizes(study, of_cell) * (networks_of(study, task) // of_cell), reverse=True)
    together = sum(sizes[: workers or os.cpu_count() or 1])
    for place, recipe in enumerate(study.recipes):
        cell = Cell(recipe, (), study.layers_of(place), study.variant_of(place))
        check_memory(task, architecture_of(cell, task, architecture), recipe, together)


def run_with_summary(
    study: Study,
    out: Path,
    *,
    task: Task,
    architecture: LayeredLearner,
    workers: int | None = None,
    resume: bool = False,
    report: Callable[[int, int], None] | None = None,
    executor: Executor | None = None,
) -> bool:
    """Run a study as `run_study` does, and write `summary.csv` beside its tables.

    Returns:
        Whether anything was left to do: a finished study is not run again.

    Raises:
        FamilyTreesError: `out` cannot be written, or holds another study, or an unfinished one without `resume`.
    """
    ran = run_study(
        study,
        out,
        task=task,
        architecture=architecture,
        workers=workers,
        resume=resume,
        report=report,
        executor=executor,
    )
    if not ran and (out / "summary.csv").exists():
        return False
    from family_trees.studies.summaries import write_study_summary

    write_study_summary(out)  # also where a run was killed between its tables and their summary
    return True
