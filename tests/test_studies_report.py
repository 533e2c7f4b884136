"""The report of the studies: on made-up raw tables of every study, and the committed one against its tables."""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from family_trees.cli import cli
from family_trees.engine.recipe import RECIPES
from family_trees.families.task import Task
from family_trees.studies.rows import COLUMNS
from family_trees.studies.run import cells
from family_trees.studies.study_file import Study, read_study
from family_trees.support import intervals
from family_trees.support.errors import FamilyTreesError
from family_trees.support.intervals import Interval
from family_trees.views.studies_report import (
    best,
    committees,
    held_out,
    inferred,
    printed_recipe,
    report,
    smallest_change,
)
from family_trees.views.studies_report.desk import Desk
from family_trees.views.studies_report.needs import NEEDS, Needs, unmet
from family_trees.views.studies_report.pages import words_of
from family_trees.views.studies_report.report import SECTIONS, from_json, report_studies, to_json, write_again
from family_trees.views.studies_report.smallest_change import at_chosen_range, split_name

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "results" / "studies"
CHOICE = ROOT / "results" / "best-choice.csv"
NUMBERS = from_json((RESULTS / "numbers.json").read_text(encoding="utf-8"))


# --- On made-up raw tables


def make_up(study: Study, out: Path, rng: np.random.Generator, task: Task, chance: float) -> None:
    """Raw tables of a study whose networks know everything with this probability, and else nothing much."""
    out.mkdir(parents=True)
    (out / "study.json").write_text(json.dumps(asdict(study), default=str), encoding="utf-8")
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in COLUMNS}
    for cell in cells(study, task):
        for split, held in enumerate(cell.splits):
            for seed in range(study.seeds):
                for sweep in sorted({*study.checkpoints, cell.recipe.sweeps}):
                    keys = {"recipe": cell.recipe.name, "held_out_cases": len(held), "split": split, "sweep": sweep}
                    right = (rng.uniform(size=len(held)) < rng.uniform()).astype(int)
                    best = np.maximum(right, rng.integers(0, 2, len(held)))
                    margins = right * rng.integers(0, 2, len(held))
                    cases = 104 - len(held)
                    trained = cases if rng.uniform() < chance else int(rng.integers(0, cases))
                    sums = {
                        "training_cases": cases,
                        "training_right": trained,
                        "training_right_margins": trained // 2,
                        "training_right_best": trained,
                        "training_right_rank": trained,
                        "held_out_right": right.sum(),
                        "held_out_right_margins": margins.sum(),
                        "held_out_right_best": best.sum(),
                        "held_out_right_rank": best.sum(),
                    }
                    known = {"first_sweep_all_training_right": sweep if trained == cases else np.nan, "diverged": 0}
                    measures = {name: rng.uniform(0.1, 3) for name in COLUMNS["networks"]}
                    number = {"seed": seed, "network": split * study.seeds + seed}
                    tables["networks"].append(measures | keys | number | sums | known)
                    criteria = ("right", "right_margins", "right_best", "right_rank")
                    for case, *marks in zip(held, right, margins, best, best, strict=True):
                        names = dict(zip(criteria, marks, strict=True))
                        tables["cases"].append(keys | number | case._asdict() | names)
                    for members in study.committees:
                        if seed % members == 0:
                            row = {"members": members, "committee": seed // members}
                            tables["committees"].append(keys | row | sums)
    for name, rows in tables.items():
        if rows:
            pd.DataFrame(rows)[list(COLUMNS[name])].to_csv(out / f"{name}.csv", index=False)


@pytest.fixture(scope="module", params=[0.0, 0.3], ids=["nothing learned", "some learned"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, task: Task) -> Path:
    """The folder of made-up studies."""
    directory = tmp_path_factory.mktemp("made")
    rng = np.random.default_rng(int(10 * request.param))
    for path in sorted((ROOT / "scripts" / "studies").glob("*.toml")):
        study = read_study(path)
        seeds = 32 if study.committees else min(study.seeds, 3)
        splits = 0 if not study.splits else 150 if path.stem == "held-out" else 6
        make_up(replace(study, splits=splits, seeds=seeds), directory / path.stem, rng, task, request.param)
    return directory


def test_any_studies_can_be_told(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No sentence stands in the way of other numbers; what is concluded is what they say."""
    monkeypatch.setattr(printed_recipe, "smallest_epsilon", lambda *_: 0.02)  # these three take seconds
    monkeypatch.setattr(printed_recipe, "largest_epsilon", lambda *_: 0.1)
    monkeypatch.setattr(intervals, "bootstrap_mean", lambda values, _: Interval(float(min(values)), float(max(values))))
    monkeypatch.setattr(report, "save_figure", lambda figure, path: (figure, path.touch()))
    report_studies(made, tmp_path, CHOICE)
    pages = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.glob("*.md")}
    assert {*pages} == {"README.md", "appendix.md", *(f"{name}.md" for name in SECTIONS)}
    for name, text in pages.items():
        for word in ("nan%", "nan ", "None", "{{", "![[", "inf%", "Undefined"):
            assert word not in text, name
    numbers = from_json((tmp_path / "numbers.json").read_text(encoding="utf-8"))
    learned = numbers["printed-recipe"]["learned"]
    assert ("none learns by the printed recipe" in pages["printed-recipe.md"]) == (learned == 0)
    hangs_together(tmp_path)
    assert re.search(r"^\| committee of \d+ of the best recipe, [\d,]+ sweeps \|", pages["best.md"], re.MULTILINE)
    monkeypatch.setattr(Desk, "has", lambda *_: False)  # the report can do without these committees
    report_studies(made, tmp_path, CHOICE, ["best"])
    assert "of the best recipe, " not in (tmp_path / "best.md").read_text(encoding="utf-8")


def hangs_together(folder: Path) -> None:
    """Every table, figure and study is named where it belongs, and no link leads nowhere."""
    pages = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    here = {path.name for path in folder.iterdir()}
    links = {name: re.findall(r"\]\(([^)#]*)(?:#([\w-]+))?\)", text) for name, text in pages.items()}
    assert here == {"README.md", *(file for of in links.values() for file, _ in of if "/" not in file)}
    for name, of in links.items():
        for file, heading in of:
            target = (RESULTS / file).resolve() if "/" in file else folder / file
            assert target.exists(), (name, file)
            if heading:
                titles = re.findall("^## (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
                assert heading in [title.lower().replace(" ", "-") for title in titles], (name, heading)
    named = set(re.findall(r"scripts/studies/([\w-]+)\.toml", "".join(pages.values())))
    there = {path.stem for path in (ROOT / "scripts" / "studies").glob("*.toml")}
    assert named == there - ({best.BEST_COMMITTEES} if f"{best.BEST_COMMITTEES}.csv" not in here else set())
    for section in SECTIONS:  # each begins with its figure, and stands in the index under its own heading
        title, figure, asked, found, *_ = pages[f"{section}.md"].split("\n\n")
        assert re.match(r"!\[[^\]]+\]\([\w-]+\.png\)", figure), section
        asked, found = (asked, found) if asked.startswith("**") else (found, _[0])
        assert asked.startswith("**Asked.** "), section
        assert found.startswith("**Found.** "), section
        assert f"#{title}\n" in pages["README.md"]


def test_a_study_that_is_missing_is_named_with_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(FamilyTreesError, match=r"published-ranges\S+: not there; run 'family-trees study scripts/"):
        report_studies(tmp_path / "none", tmp_path / "out", CHOICE)
    assert not (tmp_path / "out").exists()
    with pytest.raises(FamilyTreesError, match=r"numbers.json: cannot read: .*'family-trees report-studies' writes it"):
        write_again(tmp_path, figures=False)
    os.mkfifo(tmp_path / "numbers.json")
    with pytest.raises(FamilyTreesError, match=r"numbers.json: this is a device or a pipe; give"):
        write_again(tmp_path, figures=False)


# --- Valid tables of other settings


def test_the_report_needs_the_committed_studies_and_no_others() -> None:
    assert set(NEEDS) == {path.stem for path in (ROOT / "scripts" / "studies").glob("*.toml")}


OTHERS = [
    ("held-out", {"recipes": "published"}, "it has no recipe 'larger-steps'; there are published"),
    ("held-out", {"sweeps": 1500}, "recipe 'larger-steps' has no checkpoint after 5000 sweeps; there are 500, 1500"),
    ("held-out", {"held_out": (6,)}, "networks hold out 6 cases, not 4"),
    ("held-out", {"held_out": (2, 4)}, "networks hold out 2, 4 cases, not 4"),
    ("held-out", {"splits": 1}, "it has 1 split; at least 2 are needed"),
    ("race", {"recipes": "published"}, "it has no recipe 'published, from 0.3'; there are published"),
    ("published-ranges", {"held_out": (0,)}, "networks hold out no cases"),
    ("smallest-change", {"recipes": "published"}, "it has no recipe 'squared, epsilon_factor <number>, initial_range"),
    ("then-and-now", {"recipes": "published"}, "it has no recipe 'logistic units (1986)'; there are published"),
    (
        "each-case",
        {"held_out": (1,), "splits": 3},
        "no network holds out 'Alfonso aunt'; every case must be held out",
    ),
]


@pytest.mark.parametrize(("name", "changed", "fault"), OTHERS)
def test_tables_of_other_settings_are_refused_in_one_line(
    tmp_path: Path, task: Task, name: str, changed: dict[str, Any], fault: str
) -> None:
    study = read_study(ROOT / "scripts" / "studies" / f"{name}.toml")
    chosen = (RECIPES[changed["recipes"]],) if "recipes" in changed else study.recipes
    recipes = tuple(replace(recipe, sweeps=changed.get("sweeps", recipe.sweeps)) for recipe in chosen)
    checkpoints = tuple(sweep for sweep in study.checkpoints if sweep < min(recipe.sweeps for recipe in recipes))
    others = {key: value for key, value in changed.items() if key not in ("recipes", "sweeps")}
    few: dict[str, Any] = {"splits": 3, "seeds": 1, "recipes": recipes, "checkpoints": checkpoints} | others
    make_up(replace(study, **few), tmp_path / name, np.random.default_rng(0), task, 0.3)
    with pytest.raises(FamilyTreesError) as refused:
        Desk(tmp_path, tmp_path, CHOICE).read(name, "cases" if name == "each-case" else "networks")
    assert str(refused.value).startswith(f"{tmp_path / name}: {fault}")
    assert str(refused.value).endswith(f"; the report needs the study of scripts/studies/{name}.toml")


def test_the_command_refuses_tables_of_other_settings(tmp_path: Path, task: Task) -> None:
    study = read_study(ROOT / "scripts" / "studies" / "held-out.toml")
    make_up(replace(study, splits=3), tmp_path / "published-ranges", np.random.default_rng(0), task, 0.3)
    options = ("--studies", str(tmp_path), "--out", str(tmp_path / "out"))
    ran = CliRunner().invoke(cli, ["report-studies", *options])
    assert isinstance(ran.exception, FamilyTreesError)
    assert str(ran.exception).startswith(f"{tmp_path / 'published-ranges'}: it has no recipe 'published, initial_range")
    assert not (tmp_path / "out").exists()


def test_a_description_that_does_not_fit_its_tables_is_refused(tmp_path: Path, task: Task) -> None:
    study = replace(read_study(ROOT / "scripts" / "studies" / "best.toml"), splits=2)
    make_up(study, tmp_path / "best", np.random.default_rng(0), task, 0.3)
    described = asdict(replace(study, recipes=(RECIPES["published"],)))
    (tmp_path / "best" / "study.json").write_text(json.dumps(described, default=str), encoding="utf-8")
    with pytest.raises(
        FamilyTreesError, match=r"best: study\.json does not describe the recipe 'best' of networks\.csv"
    ):
        Desk(tmp_path, tmp_path, CHOICE).read("best")


@pytest.mark.parametrize(
    ("names", "fault"),
    [
        (["a, x 1, y 2", "b, x 1.0, y 2"], ""),
        (["a, x 1, y 2"], "it has no recipe 'b, x <number>, y <number>'; there are a, x 1, y 2"),
        (["a, x 1, y 2", "a, x 2, y 2", "b, x 1, y 2"], "it has no recipe 'b, x 2, y 2'"),
        (["a, x 1, y 2", "a, x 2, y 1", "b, x 1, y 2", "b, x 2, y 1"], "it has no recipe 'a, x 1, y 1'"),
        (
            ["a, x 1, y 2", "b, x 1, y 2", "c"],
            "recipe 'c' is unexpected; the report tells of a, x <number>, y <number>,",
        ),
    ],
)
def test_a_grid_of_recipes_has_all_combinations(names: list[str], fault: str) -> None:
    rows = [{"recipe": name, "sweep": 9, "held_out_cases": 4, "split": split} for name in names for split in range(2)]
    found = unmet(Needs(("a, x <number>, y <number>", "b, x <number>, y <number>")), pd.DataFrame(rows))
    assert found.startswith(fault)
    assert bool(found) == bool(fault)


# --- The committed report


@pytest.fixture
def again(tmp_path: Path) -> Path:
    """The report written again, from the committed numbers and tables."""
    for path in [RESULTS / "numbers.json", *RESULTS.glob("*.csv")]:
        shutil.copy(path, tmp_path)
    return tmp_path


def test_the_committed_words_are_those_of_the_templates(again: Path) -> None:
    ran = CliRunner().invoke(cli, ["report-studies", "--words", "--out", str(again)])
    assert ran.exit_code == 0, ran.output
    assert not list(again.glob("*.png"))
    for page in again.glob("*.md"):
        assert page.read_bytes() == (RESULTS / page.name).read_bytes(), f"{page.name}: report-studies --words writes it"
    assert (RESULTS / "numbers.json").read_text(encoding="utf-8") == to_json(NUMBERS)


def test_the_committed_pages_hang_together() -> None:
    hangs_together(RESULTS)


def test_figures_are_drawn_from_the_committed_tables(again: Path) -> None:
    """Each under a title that says what it shows."""
    write_again(again, figures=True)
    hangs_together(again)
    (again / "twins.csv").unlink()
    with pytest.raises(FamilyTreesError, match=r"twins\.csv: cannot be read"):
        write_again(again, figures=True)


class Committed(Desk):
    """A desk on which the committed tables lie in place of the raw ones."""

    def read(self, study: str, table: str = "networks") -> Any:
        return study if table != "committees" else table

    def table(self, table: pd.DataFrame, name: str) -> pd.DataFrame:
        pd.testing.assert_frame_equal(table.reset_index(drop=True), committed(name), check_dtype=False)
        return table


def committed(name: str) -> pd.DataFrame:
    table = pd.read_csv(RESULTS / (name if name.endswith(".csv") else f"{name}.csv"))
    return table.fillna({"change": ""}) if "change" in table else table


def test_committed_numbers_are_those_of_the_committed_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the sections whose numbers all are in tables."""
    for module in (smallest_change, held_out, printed_recipe):
        monkeypatch.setattr(module, "study_summary", committed)
    monkeypatch.setattr(smallest_change, "at_chosen_range", committed)
    monkeypatch.setattr(held_out, "held_out_distribution", lambda study: committed(f"{study}-distribution"))
    monkeypatch.setattr(committees, "committee_summary", committed)
    monkeypatch.setattr(inferred, "twins_table", lambda _: committed("twins"))
    tables = (committed("window"), committed("window-bounds"))
    monkeypatch.setattr(printed_recipe, "window_tables", lambda *_: tables)
    monkeypatch.setattr(Committed, "recipes", lambda *_: {})
    desk = Committed(RESULTS, RESULTS, CHOICE)
    cases = committed("each-case")
    found: dict[str, dict[str, Any]] = {
        "smallest-change": smallest_change.smallest_change(desk),
        "as-in-the-paper": held_out.as_in_the_paper(desk),
        "committees": committees.committees(desk),
        "printed-recipe": {**printed_recipe._argument(), **printed_recipe._window_numbers(desk)},
        "inferred": {**inferred._each_case(cases[cases["sweep"] == 5000]), **inferred._twins(desk)},
    }
    for section, numbers in from_json(to_json(found)).items():
        for name, value in numbers.items():
            assert NUMBERS[section][name] == approximately(value), (section, name)


def approximately(value: Any) -> Any:
    """The value, with numbers that may differ in the last digits."""
    if isinstance(value, dict):
        return {key: approximately(each) for key, each in value.items()}
    if isinstance(value, list):
        return [approximately(each) for each in value]
    return pytest.approx(value) if isinstance(value, float) else value


MENDS = {"change": "epsilon x 5", "share_learned": [0.3, 0.2, 0.4], "training_share": [0.9, 0.8, 1.0]}
TWINS = {
    "explained": 0.7,
    "alike": 0.95,
    "taught": {"each-case": [0.8, 0.7, 0.9], "twins": [0.8, 0.7, 0.9], "held-out": [0.8, 0.7, 0.9]},
    "gone": {"twins": [0.3, 0.2, 0.4]},
    "no_twin": {"each-case": [0.2, 0.1, 0.3], "held-out": [0.2, 0.1, 0.3]},
}
FEWER = {
    "sizes": [{"held_out": 1, "share": [0.6, 0.5, 0.7]}, {"held_out": 52, "share": [0.1, 0.0, 0.2]}],
    "twin_left": [0.3, 0.2, 0.4],
    "twins_gone": [0.0, 0.0, 0.1],
}


@pytest.mark.parametrize(
    ("section", "bears_it_out", "changed", "sentence"),
    [
        ("printed-recipe", {"learned": 0}, {"learned": 3}, "none learns by the printed recipe"),
        (
            "printed-recipe",
            {"hopeful": 9, "hopeful_wide": 8},
            {"hopeful_wide": 1},
            "promise too much from large weights",
        ),
        ("smallest-change", {"enough": [MENDS]}, {"enough": []}, "mends the printed recipe: epsilon x 5"),
        ("smallest-change", {"good_pairs_drive": True}, {"good_pairs_drive": False}, "contain a larger epsilon"),
        ("inferred", TWINS, {"explained": 0.1}, "Cases without a twin (husband, wife, brother, sister)"),
        ("inferred", TWINS, {"explained": 0.1}, "A case is easy if it has a twin"),
        ("inferred", TWINS, {"alike": 0.2}, "Both nations are alike"),
        ("inferred", TWINS, {"gone": {"twins": [0.8, 0.7, 0.9]}}, "With a twin in training 80% to 80% of networks"),
        ("how-little", FEWER, {"twins_gone": [0.3, 0.2, 0.4]}, "whether a twin is left"),
        ("then-and-now", {"ahead": ["ELU units"]}, {"ahead": []}, "only ELU units infer clearly more"),
        ("then-and-now", {"ahead": ["ELU units"]}, {"ahead": []}, "Clearly ahead"),
        ("then-and-now", {"ahead_by": [0.1, 0.05, 0.2]}, {"ahead_by": [0.1, -0.1, 0.2]}, "it looks better than it is"),
        (
            "best",
            {"lonely": 0.4, "with_twin": [0.9, 0.8, 1.0], "without_twin": [0.3, 0.2, 0.4]},
            {"lonely": 0.01},
            "mostly cases without a twin",
        ),
    ],
)
def test_a_conclusion_goes_with_its_condition(
    section: str, bears_it_out: dict[str, Any], changed: dict[str, Any], sentence: str
) -> None:
    numbers = {**NUMBERS[section], **bears_it_out}
    assert sentence in " ".join(words_of(section, numbers).values())
    assert sentence not in " ".join(words_of(section, {**numbers, **changed}).values())


def test_the_range_is_chosen_on_even_splits_and_reported_on_odd_ones() -> None:
    rows = [("a, initial_range 1.0", split, 1500, 100 if split % 2 == 0 else 50) for split in range(10)] + [
        ("a, initial_range 2.0", split, 1500, 99) for split in range(10)
    ]
    table = pd.DataFrame(rows, columns=["recipe", "split", "sweep", "training_right"]).assign(
        training_cases=100,
        held_out_cases=4,
        held_out_right=0,
        held_out_right_margins=0,
        held_out_right_best=0,
        training_right_best=100,
        diverged=0,
    )
    (row,) = at_chosen_range(table).to_dict("records")
    assert (row["change"], row["initial_range"], row["networks"]) == ("a", 1.0, 5)
    assert (row["share_learned"], row["training_share"]) == (0, 0.5)
    assert split_name("published, no decay, initial_range 0.3") == ("published, no decay", "0.3")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1]", "[" * 9999, '{"recipes": 1}', '{"recipes": [1]}', '{"recipes": [{"name": "a", "sweeps": -1}]}'],
)
def test_a_damaged_study_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "race").mkdir()
    (tmp_path / "race" / "study.json").write_text(text, encoding="utf-8")
    (tmp_path / "race" / "networks.csv").write_text(text, encoding="utf-8")
    desk = Desk(tmp_path, tmp_path, CHOICE)
    for read in (desk.recipes, desk.read):
        with pytest.raises(FamilyTreesError, match=r"race/\S+: is damaged") as refused:
            read("race")
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "[1]", "{}", "[" * 9999])
def test_damaged_numbers_are_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "numbers.json").write_text(text, encoding="utf-8")
    with pytest.raises(FamilyTreesError, match=r"numbers\.json: cannot be read: .*; 'family-trees report-studies'"):
        write_again(tmp_path, figures=False)


def test_numbers_of_another_version_are_one_line(tmp_path: Path) -> None:
    fewer = {**NUMBERS, "committees": {}}
    (tmp_path / "numbers.json").write_text(to_json(fewer), encoding="utf-8")
    with pytest.raises(FamilyTreesError, match=r"numbers\.json: is of another version \(.+\); 'family-trees report-st"):
        write_again(tmp_path, figures=False)
    assert [path.name for path in tmp_path.iterdir()] == ["numbers.json"]
