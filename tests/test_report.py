from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from family_trees.families import data_file
from family_trees.intervals import wilson
from family_trees.model import load
from family_trees.recipe import DEFAULT
from family_trees.report import Reproduction, comparison, report_text, reproduce, run, steps, summary_text
from family_trees.training import Progress

ROOT = data_file("people.csv").parent.parent


@pytest.fixture(scope="module")
def found() -> Reproduction:
    return run(networks=2, seed=4)


def test_the_network_shown_is_the_one_with_the_lowest_training_error(found: Reproduction) -> None:
    errors = found.default.curve.error[:, -1]
    assert found.shown.curve.error[0, -1] == errors.min()
    assert found.shown.number == found.default.numbers[int(errors.argmin())]


def test_both_recipes_hold_out_the_same_cases(found: Reproduction) -> None:
    assert found.default.held_out == found.published.held_out
    assert len(set(found.default.held_out)) == 2


def test_report_says_what_happened(found: Reproduction) -> None:
    report, summary = report_text(found), summary_text(found)
    for text in (report, summary):
        assert "`published` learned nothing" in text
        assert "4 (7 of 8*)" in text
    assert max(map(len, summary.splitlines())) <= 80
    learned = int(found.default.learned.sum())
    low, high = wilson(learned, 2)
    assert f"{learned} of 2 ({low:.0%} to {high:.0%})" in report
    assert [row.paper for row in comparison(found)] == ["1", "100", "1 of 1", "4 (7 of 8*)", "1 of 1"]


def test_twice_the_same_bytes_and_every_link_leads_somewhere(tmp_path: Path) -> None:
    seen: list[Progress] = []
    one, two = tmp_path / "one", tmp_path / "two"
    reproduce(one, networks=1, seed=2, report=seen.append)
    reproduce(two, networks=1, seed=2)
    assert sum(progress.steps for progress in seen) == steps(1)
    names = sorted(path.name for path in one.iterdir())
    assert names == sorted(path.name for path in two.iterdir())
    for name in names:
        assert (one / name).read_bytes() == (two / name).read_bytes(), name
    linked = set(re.findall(r"\]\(([^)]+)\)", (one / "report.md").read_text(encoding="utf-8")))
    assert linked | {"report.md"} == set(names)


def test_committed_results_belong_together() -> None:
    """The report, its tables, and the model that ships are of one run."""
    with (ROOT / "results" / "networks.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    default = [row for row in rows if row["recipe"] == DEFAULT.name]
    assert [len(default), len(rows)] == [20, 40]
    best = min(default, key=lambda row: float(row["error"]))
    shipped = load()
    assert (shipped.number, shipped.seed) == (int(best["network"]), int(best["seed"]))
    assert "; ".join(map(str, shipped.held_out)) == best["held_out"]
    assert f"{shipped.curve.error[0, -1]:.4f}" == f"{float(best['error']):.4f}"
    report = (ROOT / "results" / "report.md").read_text(encoding="utf-8")
    learned = sum(row["training_right"] == row["training_cases"] for row in default)
    assert f"{learned} of 20 networks have all their training cases right" in report
    assert f"network {shipped.number}:" in report
