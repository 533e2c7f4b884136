from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from executors import Backwards, Here, Nowhere
from interrupts import hear_interrupts

from family_trees.engine.cases import Cases
from family_trees.engine.evaluation import CRITERIA
from family_trees.engine.learning import gradient
from family_trees.engine.network import BIAS, forward
from family_trees.engine.recipe import DEFAULT, PUBLISHED
from family_trees.families.of_1986 import family_trees_task
from family_trees.families.task import Task
from family_trees.models.layered import FAMILY_TREE_NETWORK, family_network
from family_trees.models.training import train
from family_trees.studies import run as run_module
from family_trees.studies.comparison import compare
from family_trees.studies.rows import COMMITTEE_COLUMNS
from family_trees.studies.run import BLOCK, blocks, cells, run_study
from family_trees.studies.study_file import Study, _study, read_study, smaller
from family_trees.studies.summaries import (
    case_summary,
    committee_summary,
    held_out_distribution,
    read_networks,
    study_summary,
    write_study_summary,
)
from family_trees.support.errors import FamilyTreesError
from family_trees.support.intervals import bootstrap_mean, difference_interval, wilson
from family_trees.support.jobs import Pieces
from family_trees.views.figures.studies import draw_case_map

TOML = """
title = "small"
seed = 3
splits = 5
seeds = 2
held_out = [4, 30]
checkpoints = [5, 20]

[[recipes]]
name = "a"
sweeps = 30

[[recipes]]
name = "b"
base = "larger-steps"
sweeps = 25
decay = 0

[axes]
initial_range = [1, [1.0, 1.0, 2.0, 2.0, 3.0]]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(TOML, encoding="utf-8")
    return path


def test_a_file_becomes_recipes_with_axes(file: Path, task: Task) -> None:
    study = read_study(file)
    assert [recipe.name for recipe in study.recipes] == [
        "a, initial_range 1",
        "a, initial_range 1.0/1.0/2.0/2.0/3.0",
        "b, initial_range 1",
        "b, initial_range 1.0/1.0/2.0/2.0/3.0",
    ]
    assert study.recipes[0] == replace(PUBLISHED, name="a, initial_range 1", sweeps=30, initial_range=1.0)
    assert study.recipes[3].initial_range == (1.0, 1.0, 2.0, 2.0, 3.0)
    assert (study.recipes[2].decay, study.recipes[2].epsilon) == (0.0, DEFAULT.epsilon)
    assert len(cells(study, task)) == 8
    assert sum(block.networks for block in blocks(study, task)) == 8 * 10


def test_recipes_share_splits(file: Path, task: Task) -> None:
    by_recipe = cells(read_study(file), task)
    assert by_recipe[0].splits == by_recipe[2].splits
    assert [len(split) for cell in by_recipe[:2] for split in cell.splits] == [4] * 5 + [30] * 5


def test_departures_alone_and_in_pairs(file: Path) -> None:
    file.write_text(
        """
title = "departures"
splits = 1
together = 2

[departures]
"larger" = { epsilon_factor = 2 }
"much larger" = { epsilon = [0.05, 0.1] }
"no decay" = { decay = 0 }

[axes]
initial_range = [1, 2]
""",
        encoding="utf-8",
    )
    recipes = {recipe.name: recipe for recipe in read_study(file).recipes}
    alone = ("published", "published, larger", "published, much larger", "published, no decay")
    pairs = ("published, larger + no decay", "published, much larger + no decay")  # not two step sizes at once
    assert list(recipes) == [f"{name}, initial_range {reach}" for name in (*alone, *pairs) for reach in (1, 2)]
    both = recipes["published, larger + no decay, initial_range 2"]
    assert (both.epsilon, both.decay, both.initial_range) == ((0.01, 0.02), 0.0, 2.0)


def test_committees_answer_with_the_mean_of_their_outputs(task: Task, tmp_path: Path) -> None:
    recipe = replace(DEFAULT, name="r", sweeps=600)
    study = Study("t", (recipe,), splits=2, seeds=5, seed=7, committees=(1, 2, 5))
    assert [block.networks for block in blocks(study, task)] == [10]
    run_study(study, tmp_path, workers=1)
    rows = table(tmp_path, "committees")
    sizes = [(row["split"], row["members"], row["committee"]) for row in rows]
    assert sizes == [
        (split, members, str(committee))
        for members, several in (("1", 5), ("2", 2), ("5", 1))
        for split in ("0", "1")
        for committee in range(several)
    ]
    alone = [row["held_out_right"] for row in table(tmp_path, "networks")]
    assert [row["held_out_right"] for row in rows if row["members"] == "1"] == alone
    # The second pair of the second split, by the engine itself.
    split = cells(study, task)[0].splits[1]
    members = train(task, recipe, seed=7, networks=10, held_out=split)
    y = forward(FAMILY_TREE_NETWORK, members.weights, task.inputs())["answer"][7:9].mean(axis=0, keepdims=True)
    counted = task.training_mask(split) > 0
    (row,) = (row for row in rows if (row["split"], row["members"], row["committee"]) == ("1", "2", "1"))
    for criterion, right in ((name, judge(y, task.desired())) for name, judge in CRITERIA.items()):
        suffix = criterion.removeprefix("right")
        suffix = f"_{suffix}" if suffix else ""
        assert int(row[f"training_right{suffix}"]) == right[0][counted].sum()
        assert int(row[f"held_out_right{suffix}"]) == right[0][~counted].sum()


def test_blocks_hold_whole_splits_where_there_are_committees(task: Task) -> None:
    study = Study("t", (PUBLISHED,), splits=3, seeds=40, committees=(40,))
    assert [block.networks for block in blocks(study, task)] == [40, 40, 40]
    assert smaller(study, 20).committees == ()


def test_each_case_alone(task: Task) -> None:
    study = Study("each", (PUBLISHED,), splits=0, seeds=3, held_out="each")
    (cell,) = cells(study, task)
    assert [split[0] for split in cell.splits] == list(task.cases)
    work = blocks(study, task)
    assert sum(block.networks for block in work) == 104 * 3
    assert max(block.networks for block in work) == BLOCK
    assert smaller(study, 104).seeds == smaller(study, 1).seeds == 1


def test_splits_by_name(file: Path, task: Task) -> None:
    text = 'title = "x"\nseeds = 3\nheld_out = [["charlotte father", "Colin has-father"], ["Colin wife"]]'
    file.write_text(text.replace("Colin wife", "Arthur wife"), encoding="utf-8")
    study = read_study(file)
    (cell,) = cells(study, task)
    assert [[str(case) for case in split] for split in cell.splits] == [
        ["Colin father", "Charlotte father"],
        ["Arthur wife"],
    ]
    assert sum(block.networks for block in blocks(study, task)) == 6
    assert smaller(study, 2).seeds == 1


def test_the_study_in_small(file: Path) -> None:
    study = read_study(file)
    assert (smaller(study, 4).splits, smaller(study, 4).seeds) == (2, 2)
    assert (smaller(study, 1).splits, smaller(study, 1).seeds) == (1, 1)
    assert smaller(study, 1000) == study


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title = ", "not a TOML file"),
        ("splits = 5", "title: give a text"),
        ('title = "x"', "splits: None is not allowed; give a whole number of at least 1"),
        ('title = "x"\nsplits = 0', "splits: 0 is not allowed"),
        ('title = "x"\nsplits = true', "splits: True is not allowed"),
        ('title = "x"\nsplits = 1\nseeds = 1.5', "seeds: 1.5 is not allowed"),
        ('title = "x"\nsplits = 1\nseed = -1', "seed: -1 is not allowed"),
        (
            'title = "x"\nsplits = 1\nheld_out = 104',
            "held_out: 104 is not allowed; give a whole number of at least 0 and",
        ),
        ('title = "x"\nsplits = 1\nheld_out = "all"', "held_out: 'all' is not allowed"),
        ('title = "x"\nsplits = 1\nheld_out = "each"', "splits: not allowed where held_out names"),
        ('title = "x"\nheld_out = [["Colin aunt", "Colin boss"]]', "held_out: unknown relation"),
        ('title = "x"\nheld_out = [["Colin aunt", "Colin aunt"]]', "held_out: case 'Colin aunt' is named twice"),
        ('title = "x"\nheld_out = [["Colin aunt"], 4]', "held_out: 4 is not allowed; give a list of cases"),
        ('title = "x"\nheld_out = [[]]', "held_out: [] is not allowed; give a list of cases"),
        ('title = "x"\nsplits = 1\nheld_out = []', "held_out: give a number"),
        ('title = "x"\nsplits = 1\nprecision = "float64"', "precision: no such key; there are title, seed"),
        ('title = "x"\nsplits = 1\nsweeps = 5', "sweeps: no such key; there are title, seed"),
        ('title = "x"\nsplits = 1\nrecipes = 3', "recipes: give one or more tables"),
        ('title = "x"\nsplits = 1\n[[recipes]]\nbase = "x"', "base: 'x' is not a recipe; there are published"),
        (
            'title = "x"\nsplits = 1\n[[recipes]]\nrate = 1',
            "rate: no such key; a recipe has layers, epsilon_factor, sweeps",
        ),
        ('title = "x"\nsplits = 1\n[[recipes]]\nalpha = [0.5, 1.5]', "alpha: 1.5 is not allowed"),
        ('title = "x"\nsplits = 1\n[[recipes]]\nalpha = 0.9', "alpha: 0.9 is not allowed; give two numbers"),
        ('title = "x"\nsplits = 1\n[[recipes]]\nepsilon_factor = "x"', "epsilon_factor: 'x' is not allowed"),
        ('title = "x"\nsplits = 1\n[[recipes]]\nname = 3', "name: 3 is not allowed"),
        ('title = "x"\nsplits = 1\n[[recipes]]\n[[recipes]]', "recipes: two are called 'published'"),
        ('title = "x"\nsplits = 1\n[axes]\ndecay = 0', "axes: give lists of values"),
        ('title = "x"\nsplits = 1\n[departures]\ndecay = 0', "departures: give tables such as"),
        ('title = "x"\nsplits = 1\n[departures]\na = { rate = 0 }', "rate: no such key; a recipe has"),
        (
            'title = "x"\nsplits = 1\n[departures]\na = { decay = 0 }\n[axes]\ndecay = [0]',
            "'a' and axes both change decay",
        ),
        (
            'title = "x"\nsplits = 1\n[departures]\na = { epsilon = [1, 1] }\n[axes]\nepsilon_factor = [1]',
            "both change epsilon",
        ),
        (
            'title = "x"\nsplits = 1\n[departures]\na = { epsilon = [1, 1], epsilon_factor = 2 }',
            "'a' has epsilon and epsilon_factor; give one of the two",
        ),
        (
            'title = "x"\nsplits = 1\n[[recipes]]\nepsilon = [1, 1]\n[axes]\nepsilon_factor = [2]',
            "has epsilon and epsilon_factor; give one of the two",
        ),
        (
            f'title = "x"\nsplits = 1\n[[recipes]]\nepsilon_factor = 1{"0" * 400}',
            "epsilon_factor: a whole number of 1,329",
        ),
        ('title = "x"\nsplits = 1\n[[recipes]]\nbase = ["published"]', "base: ['published'] is not a recipe"),
        ('title = "x"\nsplits = 1\n[[recipes]]\ninitial_range = [1, 2]', "give a number, or 5, one a layer"),
        ('title = "x"\nsplits = 1\nheld_out = [4, 4]', "held_out: 4 is named twice"),
        ('title = "x"\nheld_out = [["Colin aunt"], ["colin has-aunt"]]', "['Colin aunt'] is named twice"),
        ('title = "x"\nsplits = 1\ntogether = 0', "together: 0 is not allowed; give a whole number of at least 1"),
        ('title = "x"\nsplits = 1\nseeds = 2\ncommittees = [1, 3]', "committees: 3 is not allowed"),
        ('title = "x"\nsplits = 1\n[axes]\nsweeps = [1.5]', "sweeps: 1.5 is not allowed"),
        (f"title = {'[' * 50_000}", "brackets are nested too deeply; at most 10 levels are allowed"),
        (f"title = {'[' * 11}{']' * 11}", "title: nested too deeply; at most 10 levels"),
        (f"{'a.' * 400}a = 1", "a: nested too deeply"),
        (f"{'a.' * 50_000}a = 1", "line 1 has 50,000 dots; a line may have at most 500"),
        (f'title = "x"\nsplits = 1{"0" * 400}', "splits: a whole number of 1,329 bits is not allowed; give one of at"),
        (f'title = "x"\nsplits = 1{"0" * 5000}', "not a TOML file: Exceeds the limit (4300 digits)"),
        (f'title = "x"\nsplits = 0x{"f" * 5000}', "splits: a whole number of 20,000 bits is not allowed"),
        (f'title = "x"\nsplits = 1\n[[recipes]]\nsweeps = 1{"0" * 400}', "sweeps: a whole number of 1,329 bits"),
        (
            'title = "x"\nsplits = 1\n[[recipes]]\nsweeps = 1000000000000',
            "sweeps: 1000000000000 is not allowed; give a whole number of at least 0 and below 1,000,000,000",
        ),
        ('title = "x"\nsplits = 1\ncheckpoints = [1000000000000]', "checkpoints: 1000000000000 is not allowed"),
        (f'title = "x"\nsplits = 1\ncheckpoints = [{"1," * 1001}]', "1,001 numbers in checkpoints; at most 1,000"),
        ('title = "x"\nsplits = 100000000', "100,000,000 networks (1 recipes x 100,000,000 splits x 1 seeds); at most"),
        ('title = "x"\nsplits = 200000', "200,000 splits to draw; at most 100,000 are allowed"),
        ('title = "x"\nsplits = 1\nseeds = 100000000', "100,000,000 networks"),
        (
            'title = "x"\nsplits = 1\n[axes]\n'
            + "\n".join(f"{axis} = {[*range(300)]}" for axis in ("decay", "alpha", "margin")),
            "27,000,000 recipes (combinations of recipes, departures and axes); at most 10,000 are allowed",
        ),
        (
            'title = "x"\nsplits = 1\n[axes]\n' + "\n".join(f"a{number} = [1, 2, 3]" for number in range(10_000)),
            "more than 10^4771 recipes",
        ),
        (
            'title = "x"\nsplits = 1\ntogether = 30\n[departures]\n'
            + "\n".join(f"a{number} = {{ decay = 0.1 }}" for number in range(60)),
            "sets of departures; at most 100,000 are allowed",
        ),
        (f'title = "x"\nsplits = 1\n[[recipes]]\nname = "{"a" * 201}"', "give at most 200 characters"),
        ('title = "x"\nsplits = 1\n[[recipes]]\nname = "\\u001b[2J"', r"name: '\x1b[2J' is not allowed"),
        (f'title = "x" #{" " * 200_000}', "a study file may have at most 200,000"),
    ],
)
def test_a_mistake_gets_one_line_with_file_key_and_what_is_allowed(file: Path, text: str, told: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(FamilyTreesError) as refused:
        read_study(file)
    assert str(refused.value).startswith(f"{file}: ")
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes that have names")
def test_a_study_file_is_a_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, told in ((tmp_path / "pipe", "this is a device or a pipe"), (tmp_path, "this is a directory")):
        with pytest.raises(FamilyTreesError, match=f"{told}; give the path of a study file"):
            read_study(path)


def table(out: Path, name: str) -> list[dict[str, str]]:
    with (out / f"{name}.csv").open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def test_rows_are_what_training_gives(task: Task, tmp_path: Path) -> None:
    """A study's network is the network of the same seed and number, trained on its split."""
    recipe = replace(DEFAULT, name="r", sweeps=1500)
    run_study(Study("t", (recipe,), splits=2, held_out=(4,), seed=7), tmp_path, workers=1)
    trained = train(task, recipe, seed=7, networks=2)
    rows = table(tmp_path, "networks")
    assert len(rows) == 2
    for place, row in enumerate(rows):
        assert float(row["objective"]) == pytest.approx(trained.curve.squared_error[place, -1], rel=1e-5)
        assert int(row["training_right"]) == trained.curve.training_right[place, -1]
        assert int(row["held_out_right"]) == trained.curve.held_out_right[place, -1]
        learned = np.flatnonzero(trained.curve.training_right[place] == 100)
        assert row["first_sweep_all_training_right"] == (str(trained.curve.sweep[learned[0]]) if learned.size else "")
        own = [each for each in table(tmp_path, "cases") if each["network"] == row["network"]]
        assert [f"{each['person']} {each['relation']}" for each in own] == [str(c) for c in trained.held_out[place]]
        for criterion, column in (("right", "held_out_right"), ("right_best", "held_out_right_best")):
            assert sum(int(each[criterion]) for each in own) == int(row[column])
        weights = {connection: w[place : place + 1] for connection, w in trained.weights.items()}
        own_cases = Cases(task.inputs(), task.desired(), task.training_mask(trained.held_out[place])[None])
        dE_dw = gradient(FAMILY_TREE_NETWORK, weights, own_cases, margin=0.2)
        for measure, arrays in (("norm", weights), ("gradient", dE_dw)):
            squares = [np.sum(w**2) for c, w in arrays.items() if c.above == "central" and c.below != BIAS]
            assert len(squares) == 2
            assert float(row[f"{measure}_central"]) == pytest.approx(np.sqrt(sum(squares)), rel=1e-5)


def test_layers_are_an_axis(tmp_path: Path, task: Task) -> None:
    """Each recipe trains the network that `layers` asks for: the same as `train` does with that architecture."""
    path = tmp_path / "layers.toml"
    path.write_text(
        'title = "layers"\nsplits = 2\n[[recipes]]\nbase = "larger-steps"\nsweeps = 3\n'
        '[[recipes]]\nname = "small"\nsweeps = 3\nlayers = [2, 2, 3, 2]\n'
        '[departures]\n"no decay" = { decay = 0.0 }\n',
        encoding="utf-8",
    )
    study = read_study(path)
    assert [study.layers_of(k) for k in range(4)] == [None, None, (2, 2, 3, 2), (2, 2, 3, 2)]
    run_study(study, tmp_path / "out", executor=Here())
    rows = [row for row in table(tmp_path / "out", "networks") if row["recipe"] == "small"]
    recipe = study.recipes[2]
    trained = train(task, recipe, seed=0, networks=2, architecture=family_network(24, 12, (2, 2, 3, 2)))
    assert [row["training_right"] for row in rows] == [str(right) for right in trained.curve.training_right[:, -1]]
    assert [float(row["objective"]) for row in rows] == pytest.approx(trained.curve.squared_error[:, -1], rel=1e-5)


def test_layers_as_axis_and_departure() -> None:
    text = (
        'title = "t"\nsplits = 1\n[[recipes]]\nname = "r"\n[departures]\n"wide" = { layers = [9, 9, 9, 9] }\n'
        "[axes]\nepsilon_factor = [1, 2]\n"
    )
    study = _study(tomllib.loads(text), family_trees_task())
    named = dict(zip([recipe.name for recipe in study.recipes], study.layers, strict=True))
    assert named["r, epsilon_factor 2"] is None
    assert named["r, wide, epsilon_factor 2"] == (9, 9, 9, 9)
    axis = _study(
        tomllib.loads('title = "t"\nsplits = 1\n[axes]\nlayers = [[6, 6, 12, 6], [1, 2, 3, 4]]\n'), family_trees_task()
    )
    assert axis.recipes[1].name == "published, layers 1/2/3/4"
    assert axis.layers == ((6, 6, 12, 6), (1, 2, 3, 4))
    for bad in ("[1, 2, 3]", "[0, 1, 1, 1]", "6", '["a", 1, 1, 1]', "[100000, 1, 1, 1]"):
        with pytest.raises(FamilyTreesError, match="layers: "):
            _study(tomllib.loads(f'title = "t"\nsplits = 1\n[[recipes]]\nlayers = {bad}\n'), family_trees_task())


def test_criteria_by_hand() -> None:
    d = np.array([[1.0, 0, 1]])
    for y, expected in (
        ([0.9, 0.1, 0.9], (True, True, True, True)),
        ([0.6, 0.4, 0.9], (True, False, True, True)),
        ([0.79, 0.1, 0.9], (True, False, True, True)),
        ([0.81, 0.21, 0.9], (True, False, True, True)),
        ([0.81, 0.19, 0.81], (True, True, True, True)),
        ([0.3, 0.1, 0.4], (False, False, True, True)),
        ([0.1, 0.3, 0.4], (False, False, True, False)),
        ([0.3, 0.3, 0.4], (False, False, True, False)),
        ([0.1, 0.5, 0.4], (False, False, False, False)),
        ([np.nan, 0.1, 0.9], (False, False, False, False)),
    ):
        found = {name: judge(np.array([[y]]), d) for name, judge in CRITERIA.items()}
        assert tuple(bool(each[0, 0]) for each in found.values()) == expected, y


def test_networks_that_diverge_are_counted(tmp_path: Path) -> None:
    wild = replace(PUBLISHED, name="wild", epsilon=(1e308, 1e308), initial_range=3.0, sweeps=60)
    run_study(Study("t", (wild, replace(PUBLISHED, sweeps=10)), splits=3), tmp_path, workers=1)
    summary = study_summary(pd.read_csv(tmp_path / "networks.csv"))
    assert summary["networks"].tolist() == [3, 3]
    assert summary["diverged"].tolist() == [3, 0]


def test_same_bytes_whatever_the_workers_and_a_finished_study_is_not_run_again(file: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    seen: list[tuple[int, int]] = []
    assert run_study(read_study(file), one, workers=1, report=lambda *progress: seen.append(progress))
    assert run_study(read_study(file), two, workers=2)
    assert seen[0] == (0, 80)
    assert seen[-1] == (80, 80)
    names = sorted(path.name for path in one.iterdir())
    assert names == ["cases.csv", "checksums.txt", "networks.csv", "study.json"]
    for name in names:
        assert (one / name).read_bytes() == (two / name).read_bytes()
    assert not run_study(read_study(file), one, workers=1)
    with pytest.raises(FamilyTreesError, match="holds another study"):
        run_study(replace(read_study(file), seed=4), one)


def test_blocks_with_other_columns_are_not_mixed_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = Study("t", (replace(PUBLISHED, sweeps=2),), splits=2)
    with monkeypatch.context() as before, pytest.raises(AssertionError, match="to be done"):
        before.setattr(run_module, "COLUMNS", {"cases": ("right",), "networks": ("right",)})
        run_study(study, tmp_path, executor=Nowhere())
    with pytest.raises(FamilyTreesError, match="holds another study"):
        run_study(study, tmp_path, resume=True)


def test_killed_between_its_last_two_steps_a_study_is_finished(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_study(read_study(file), out, workers=1)
    (out / "blocks").mkdir()
    assert not run_study(read_study(file), out)
    assert not (out / "blocks").exists()


def test_an_unfinished_study_is_not_taken_for_another(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_study(read_study(file), out, workers=1)
    (out / "networks.csv").unlink()
    with pytest.raises(FamilyTreesError, match="unfinished; --resume goes on with it"):
        run_study(read_study(file), out)


@pytest.fixture
def quick() -> Study:
    """Three blocks, of networks that hardly learn."""
    return Study("quick", (replace(DEFAULT, name="r", sweeps=2),), splits=2 * BLOCK + 1)


def files_of(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir()}


def stopped_study(study: Study, out: Path, blocks_done: int) -> None:
    """Run a study until so many of its blocks are written."""

    def stop(done: int, _: int) -> None:
        if done >= blocks_done * BLOCK:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_study(study, out, report=stop, executor=Here())


def test_same_bytes_on_any_executor(quick: Study, tmp_path: Path) -> None:
    run_study(quick, tmp_path / "here", executor=Here())
    run_study(quick, tmp_path / "backwards", executor=Backwards(3))
    with ThreadPoolExecutor(2) as threads:
        run_study(quick, tmp_path / "threads", executor=threads)
    with ProcessPoolExecutor(2) as processes:
        run_study(quick, tmp_path / "processes", executor=processes)
    for name in ("backwards", "threads", "processes"):
        assert files_of(tmp_path / name) == files_of(tmp_path / "here")


def test_damaged_and_swapped_blocks_are_trained_again(
    quick: Study, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run_study(quick, tmp_path / "whole", executor=Here())

    def emptied(one: Path, _: Path) -> None:
        one.write_bytes(b"")

    def altered(one: Path, _: Path) -> None:
        one.write_bytes(one.read_bytes().replace(b",100,", b",101,", 1))

    def cut(one: Path, _: Path) -> None:
        one.write_bytes(one.read_bytes()[: one.stat().st_size // 2])

    def swapped(one: Path, other: Path) -> None:
        first, second = one.read_bytes(), other.read_bytes()
        one.write_bytes(second)
        other.write_bytes(first)

    for fault in (emptied, altered, cut, swapped):
        out = tmp_path / fault.__name__
        stopped_study(quick, out, 2)
        fault(*sorted((out / "blocks").iterdir()))
        assert run_study(quick, out, resume=True, executor=Here())
        assert files_of(out) == files_of(tmp_path / "whole")
        assert "damaged or of another run" in caplog.records[-1].getMessage()
    assert len(caplog.records) == 4


def test_blocks_of_another_study_are_not_taken(quick: Study, tmp_path: Path) -> None:
    run_study(quick, tmp_path / "whole", executor=Here())
    stopped_study(quick, tmp_path / "one", 1)
    stopped_study(replace(quick, seed=1), tmp_path / "other", 1)
    (piece,) = (tmp_path / "one" / "blocks").iterdir()
    piece.write_bytes((tmp_path / "other" / "blocks" / piece.name).read_bytes())
    told: list[str] = []
    run_study(quick, tmp_path / "one", resume=True, executor=Here(), warn=told.append)
    assert len(told) == 1
    assert files_of(tmp_path / "one") == files_of(tmp_path / "whole")


def test_blocks_are_kept_until_the_tables_are_whole(
    quick: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(path: Path, _: str) -> None:
        raise FamilyTreesError(f"{path}: does not hold what was written to it")

    with monkeypatch.context() as context, pytest.raises(FamilyTreesError, match="does not hold"):
        context.setattr("family_trees.studies.run.check_written", failing)
        run_study(quick, tmp_path, executor=Here())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["blocks", "study.json"]
    assert run_study(quick, tmp_path, resume=True, executor=Nowhere())
    assert not (tmp_path / "blocks").exists()


def test_killed_between_tables_and_the_end_of_the_blocks(
    quick: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_: Pieces) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as context, pytest.raises(KeyboardInterrupt):
        context.setattr(Pieces, "remove", killed)
        run_study(quick, tmp_path, executor=Here())
    (tmp_path / ".networks-0123abcd.csv").touch()  # what a kill leaves while a table is written
    assert len(list((tmp_path / "blocks").iterdir())) == 3
    assert not run_study(quick, tmp_path, executor=Nowhere())
    assert sorted(files_of(tmp_path)) == ["cases.csv", "checksums.txt", "networks.csv", "study.json"]


def test_a_second_run_at_once_is_refused(file: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "family_trees", "study", str(file), "--out", str(tmp_path / "out"), "--resume"]
    told: list[subprocess.CompletedProcess[str]] = []

    def second(*_: int) -> None:
        if not told:
            told.append(subprocess.run(command, capture_output=True, text=True, check=False))

    run_study(read_study(file), tmp_path / "out", report=second, executor=Here())
    assert told[0].returncode == 1
    assert told[0].stderr.count("\n") == 1
    assert f"another run is at work here: process {os.getpid()} on " in told[0].stderr


@pytest.mark.parametrize("text", [b"", b"{", b"[1]", b"\xff", b'{"version": ', b"[" * 9999])
def test_a_damaged_mark_is_one_line(quick: Study, tmp_path: Path, text: bytes) -> None:
    run_study(quick, tmp_path, executor=Here())
    (tmp_path / "study.json").write_bytes(text)
    with pytest.raises(FamilyTreesError, match=r"study\.json: is damaged; remove"):
        run_study(quick, tmp_path, resume=True)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda _: b"", "it begins with other columns"),
        (lambda text: text[: len(text) // 2], r"line \d+ has \d+ of \d+ cells|it has \d+ of 65 rows"),
        (lambda text: text[: text.rindex(b"r,")], "it has 64 of 65 rows"),
        (lambda text: text.replace(b"r,", b"r\xff,", 2), "can't decode"),
        (lambda text: text.replace(b",4,", b",4", 1), r"line 2 has \d+ of \d+ cells"),
    ],
)
def test_a_damaged_table_of_a_finished_study_is_one_line(
    quick: Study, tmp_path: Path, damage: Callable[[bytes], bytes], told: str
) -> None:
    run_study(quick, tmp_path, executor=Here())
    table = tmp_path / "networks.csv"
    whole = table.read_bytes()
    table.write_bytes(damage(whole))
    with pytest.raises(
        FamilyTreesError, match=rf"networks\.csv: is damaged \(.*({told}).*\); remove networks"
    ) as refused:
        run_study(quick, tmp_path)
    assert "\n" not in str(refused.value)
    table.unlink()
    run_study(quick, tmp_path, resume=True, executor=Here())
    assert table.read_bytes() == whole


@pytest.mark.parametrize("name", ["networks.csv", "cases.csv"])
def test_an_altered_cell_of_a_finished_study_is_found(quick: Study, tmp_path: Path, name: str) -> None:
    run_study(quick, tmp_path, executor=Here())
    whole = files_of(tmp_path)
    altered = whole[name].replace(b",0,", b",1,", 1)
    assert altered != whole[name]
    (tmp_path / name).write_bytes(altered)
    with pytest.raises(FamilyTreesError, match=rf"{name}: is damaged \(it is not the file that checksums.txt names\)"):
        run_study(quick, tmp_path, executor=Nowhere())
    if name == "networks.csv":
        with pytest.raises(FamilyTreesError, match="is damaged"):
            read_networks(tmp_path)
    (tmp_path / "networks.csv").unlink()
    run_study(quick, tmp_path, resume=True, executor=Here())
    assert files_of(tmp_path) == whole
    (tmp_path / "checksums.txt").unlink()  # as in studies of earlier versions
    assert not run_study(quick, tmp_path, executor=Nowhere())


def wait(child: subprocess.Popen[Any], until: Callable[[], bool]) -> None:
    """Until something has happened or the program has ended; it gives up after five minutes."""
    latest = time.monotonic() + 300
    while child.poll() is None and not until():
        assert time.monotonic() < latest
        time.sleep(0.005)


def pieces(out: Path) -> int:
    """Blocks of a study that are written."""
    return len(list((out / "blocks").glob("[0-9]*.piece")))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a POSIX matter")
def test_killed_at_random_moments_it_ends_with_the_same_bytes(tmp_path: Path) -> None:
    """SIGKILL, at least ten times, then once to the end."""
    path = tmp_path / "study.toml"
    path.write_text(
        'title = "killed"\nsplits = 192\nheld_out = 4\ncheckpoints = [50]\n[[recipes]]\nsweeps = 100\n'
        '[[recipes]]\nbase = "larger-steps"\nsweeps = 100\n',
        encoding="utf-8",
    )
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    run_study(read_study(path), whole, workers=2)
    chance = random.Random(0)  # noqa: S311
    command = [
        sys.executable,
        "-m",
        "family_trees",
        "study",
        str(path),
        "--out",
        str(broken),
        "--workers",
        "2",
        "--resume",
    ]
    kills = 0
    while kills < 10:
        with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as child:
            enough = pieces(broken) + chance.randrange(4)
            wait(child, lambda: (broken / "blocks").is_dir() and pieces(broken) >= enough)  # noqa: B023
            if child.poll() is None:
                child.send_signal(signal.SIGKILL)
                kills += 1
            else:
                # Finished before ten kills: begin again, so that every kill meets a study under way.
                assert child.returncode == 0
                assert (broken / "networks.csv").read_bytes() == (whole / "networks.csv").read_bytes()
                for name in ("networks.csv", "cases.csv", "study.json"):
                    (broken / name).unlink()
    subprocess.run(command, check=True, capture_output=True)
    for name in ("networks.csv", "cases.csv", "study.json"):
        assert (broken / name).read_bytes() == (whole / name).read_bytes(), name
    assert sorted(each.name for each in broken.iterdir()) == [
        "cases.csv",
        "checksums.txt",
        "networks.csv",
        "study.json",
        "summary.csv",
    ]


@pytest.mark.parametrize("text", [b"", b"\xff\xfe", b"a,b\n1,2\n1,2,3\n", b"a,b\n1,2\n"])
def test_the_summary_of_a_damaged_table_is_one_line(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(FamilyTreesError, match="holds no finished study"):
        write_study_summary(tmp_path)
    (tmp_path / "networks.csv").write_bytes(text)
    with pytest.raises(FamilyTreesError, match=r"networks\.csv: is damaged \(.*\)$") as refused:
        write_study_summary(tmp_path)
    assert "\n" not in str(refused.value)


def test_a_table_with_text_among_its_numbers_is_one_line(quick: Study, tmp_path: Path) -> None:
    run_study(quick, tmp_path, executor=Here())
    table = tmp_path / "networks.csv"
    whole = table.read_text(encoding="utf-8")
    for text, told in (
        (whole.replace(",100,", ",hundred,", 1), "column training_cases has a cell that is no number"),
        (whole.splitlines()[0] + "\n", "it has no rows"),
        (whole.replace("held_out_right,", "held_in_right,", 1), "it has no column held_out_right"),
    ):
        table.write_text(text, encoding="utf-8")
        with pytest.raises(FamilyTreesError, match=rf"networks.csv: is damaged \({told}\)"):
            read_networks(tmp_path)
    table.unlink()
    table.mkdir()
    with pytest.raises(FamilyTreesError, match="this is no file"):
        read_networks(tmp_path)


def test_a_summary_half_written_by_a_killed_run_goes(quick: Study, tmp_path: Path) -> None:
    run_study(quick, tmp_path, executor=Here())
    (tmp_path / ".summary-0123abcd.csv").touch()
    write_study_summary(tmp_path)
    assert sorted(files_of(tmp_path)) == ["cases.csv", "checksums.txt", "networks.csv", "study.json", "summary.csv"]


def made_table() -> pd.DataFrame:
    """Two recipes on three splits, two networks each, with made-up ends."""
    return pd.DataFrame(
        {
            "recipe": recipe,
            "held_out_cases": 4,
            "split": split,
            "network": 2 * split + seed,
            "sweep": 10,
            "training_cases": 100,
            "training_right": 100 if (recipe, split) != ("b", 2) else 90,
            "training_right_margins": 0,
            "training_right_best": 100,
            "held_out_right": split + (recipe == "a"),
            "held_out_right_margins": 0,
            "held_out_right_best": 4,
            "first_sweep_all_training_right": 10 * split,
            "diverged": 0,
        }
        for recipe in ("a", "b")
        for split in range(3)
        for seed in range(2)
    )


def test_summary_bootstraps_over_splits_where_networks_share_them() -> None:
    row = study_summary(made_table()).set_index("recipe").loc["b"]
    assert (row["networks"], row["splits"]) == (6, 3)
    assert row["share_learned"] == pytest.approx(2 / 3, abs=1e-4)
    assert (row["share_learned_low"], row["share_learned_high"]) == pytest.approx(bootstrap_mean([1, 1, 0]), abs=1e-4)
    row = study_summary(made_table()).set_index("recipe").loc["a"]
    for measure, right, cases in (
        ("share_learned", 3, 3),
        ("training_share", 300, 300),
        ("held_out_share_best", 12, 12),
    ):
        assert row[measure] == 1
        low, high = row[f"{measure}_low"], row[f"{measure}_high"]
        assert (low, high) == pytest.approx(wilson(right, cases), abs=1e-4), "the same on every split"
    alone = study_summary(made_table().query("network % 2 == 0")).set_index("recipe").loc["b"]
    assert (alone["share_learned_low"], alone["share_learned_high"]) == pytest.approx(wilson(2, 3), abs=1e-4)


def test_compare_pairs_by_split() -> None:
    found = {row.measure: row for row in compare(made_table(), "a", "b")}
    held_out = found["held-out cases right"]
    assert (held_out.first, held_out.second) == pytest.approx((0.5, 0.25))
    assert held_out.difference == pytest.approx(0.25), "on every split, so that a bootstrap had no width"
    assert (held_out.low, held_out.high) == pytest.approx(difference_interval((6, 3), (12, 12)))
    assert (held_out.splits, held_out.has_enough_splits) == (3, False)
    assert not held_out._replace(low=0.1).differ
    assert held_out._replace(low=0.1, splits=5).differ
    assert not found["networks with all training cases right"].differ
    for first, second, sweep, told in (
        ("a", "c", None, "no recipe 'c'"),
        ("a", "b", 5, "no checkpoint after 5 sweeps"),
    ):
        with pytest.raises(FamilyTreesError, match=told):
            compare(made_table(), first, second, sweep)


def test_command_line(file: Path, tmp_path: Path) -> None:
    def command(*words: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "family_trees", *words]
        return subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)

    ran = command("study", str(file), "--networks", "2", "--workers", "1")
    assert (ran.returncode, ran.stderr) == (0, "16 networks\n")
    assert len(pd.read_csv(tmp_path / "small" / "summary.csv")) == 4 * 2 * 3
    assert "finished" in command("study", str(file), "--networks", "2").stdout
    summary = (tmp_path / "small" / "summary.csv").read_bytes()
    (tmp_path / "small" / "summary.csv").unlink()
    assert "written" in command("study", str(file), "--networks", "2").stdout
    assert (tmp_path / "small" / "summary.csv").read_bytes() == summary
    ran = command("compare", "small", "a, initial_range 1", "b, initial_range 1", "--json")
    assert {row["measure"] for row in json.loads(ran.stdout)} >= {"held-out cases right"}
    assert "too few splits to tell" in command("compare", "small", "a, initial_range 1", "b, initial_range 1").stdout
    for words, told in (
        (("compare", "nowhere", "a", "b"), "nowhere: holds no finished study"),
        (("study", "none.toml"), "none.toml: cannot read: No such file"),
        (("study", str(file), "--out", str(file)), "is a file, not a directory"),
    ):
        ran = command(*words)
        assert ran.returncode == 1
        assert told in ran.stderr
        assert len(ran.stderr.splitlines()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="signals are a POSIX matter")
def test_ctrl_c_keeps_what_is_done(tmp_path: Path) -> None:
    path = tmp_path / "long.toml"
    path.write_text('title = "long"\nsplits = 2000\n[[recipes]]\nsweeps = 100\n', encoding="utf-8")
    command = [sys.executable, "-u", "-m", "family_trees", "study", str(path), "--out", str(tmp_path / "out")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stderr=pipe, stdout=pipe, text=True, preexec_fn=hear_interrupts) as child:
        try:
            assert child.stderr is not None
            assert child.stderr.readline() == "2000 networks\n"
            wait(child, lambda: pieces(tmp_path / "out") > 0)
            child.send_signal(signal.SIGINT)
            _, err = child.communicate(timeout=60)
        finally:
            child.kill()
    assert child.returncode == 130
    assert err.strip() == f"Stopped by you; what is done is kept in {tmp_path / 'out'}, and --resume goes on."
    assert pieces(tmp_path / "out") > 0


def test_distribution_over_held_out_cases_right() -> None:
    networks = made_table().assign(held_out_right=[4, 4, 3, 0, 1, 2] * 2)
    row = held_out_distribution(networks).set_index("recipe").loc["a"]
    assert [row[f"right_{k}"] for k in range(5)] == pytest.approx([1 / 6, 1 / 6, 1 / 6, 1 / 6, 2 / 6], abs=1e-4)
    assert (row["all_right"], row["all_right_low"]) == pytest.approx((1 / 3, wilson(2, 6).low), abs=1e-4)
    assert (row["all_but_one_right"], row["all_but_one_right_high"]) == pytest.approx(
        (1 / 2, wilson(3, 6).high), abs=1e-4
    )
    assert row["two_networks_all_but_one"] == pytest.approx((1 / 3) ** 2 + 2 * (1 / 3) * (1 / 6), abs=1e-4)
    assert row["two_networks_all_but_one_low"] < row["two_networks_all_but_one"] < row["two_networks_all_but_one_high"]


def test_committees_are_summed_up_over_splits() -> None:
    rows = [
        ("r", 4, split, members, committee, 10, 100, *(100,) * 4, right, 0, 4, 4)
        for split, members, committee, right in [(0, 1, 0, 4), (0, 1, 1, 2), (0, 2, 0, 4), (1, 1, 0, 1), (1, 1, 1, 1)]
    ]
    table = committee_summary(pd.DataFrame(rows, columns=COMMITTEE_COLUMNS))
    alone, pair = table.to_dict("records")
    assert (alone["members"], alone["committees"], alone["splits"]) == (1, 4, 2)
    assert alone["held_out_share"] == pytest.approx((3 / 4 + 1 / 4) / 2)
    assert (alone["all_right"], alone["share_learned"]) == (0.25, 1)
    assert (alone["held_out_share_low"], alone["held_out_share_high"]) == (0.25, 0.75)
    assert (pair["members"], pair["held_out_share"], pair["held_out_share_margins"]) == (2, 1, 0)


def test_a_row_a_case_and_its_map(task: Task, tmp_path: Path) -> None:
    small = Study("each", (replace(DEFAULT, name="r", sweeps=30),), splits=0, seeds=2, held_out="each")
    run_study(small, tmp_path, workers=2)
    table = case_summary(pd.read_csv(tmp_path / "cases.csv"))
    assert list(zip(table["person"], table["relation"], strict=True)) == list(task.cases)
    assert set(table["networks"]) == {2}
    planted = table.assign(right=[k / 103 for k in range(104)])
    figure = draw_case_map(planted, task)
    written = [text.get_text() for axes in figure.axes[:2] for text in axes.texts]
    assert len(written) == 104
    assert (written[0], written[-1]) == ("0", "100")
