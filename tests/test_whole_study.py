"""A study from beginning to end: the memory that it takes, its summary, its tables read again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from family_trees.engine.recipe import DEFAULT
from family_trees.families.task import Task
from family_trees.models.layered import FAMILY_TREE_NETWORK
from family_trees.studies.run import blocks
from family_trees.studies.study_file import Study
from family_trees.studies.summaries import read_networks
from family_trees.studies.whole_study import check_study_memory, networks_of, run_with_summary
from family_trees.support.errors import FamilyTreesError

SMALL = Study("small", (replace(DEFAULT, name="short", sweeps=2),), splits=3)


def test_each_worker_takes_memory(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    study = replace(SMALL, splits=100)
    assert networks_of(study, task) == 100
    for workers, told in ((1, "32 networks at once"), (2, "64 networks at once"), (9, "100 networks at once")):
        monkeypatch.setattr("family_trees.models.memory.available_memory", lambda: 1)
        with pytest.raises(FamilyTreesError, match=told):
            check_study_memory(study, task, FAMILY_TREE_NETWORK, workers)
        monkeypatch.setattr("family_trees.models.memory.available_memory", lambda: 10**12)
        check_study_memory(study, task, FAMILY_TREE_NETWORK, workers)


def test_networks_are_counted_without_drawing_splits(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    several = replace(SMALL, splits=7, seeds=9, held_out=(1, 4), committees=(3,))
    each = replace(SMALL, splits=0, seeds=2, held_out="each")
    for study in (several, each):
        assert networks_of(study, task) == sum(block.networks for block in blocks(study, task))
    monkeypatch.delattr(Task, "draw_held_out")
    assert networks_of(several, task) == 7 * 9 * 2
    check_study_memory(several, task, FAMILY_TREE_NETWORK)


def test_a_study_with_its_summary(task: Task, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(FamilyTreesError, match="holds no finished study; 'family-trees study' runs one"):
        read_networks(out)

    def run() -> bool:
        return run_with_summary(SMALL, out, task=task, architecture=FAMILY_TREE_NETWORK, workers=1)

    assert run()
    assert len(read_networks(out)) == 3
    assert not run()
    summary = (out / "summary.csv").read_bytes()
    (out / "summary.csv").unlink()  # as if it had been killed before its last step
    assert run()
    assert (out / "summary.csv").read_bytes() == summary
