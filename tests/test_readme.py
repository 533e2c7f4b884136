"""The README against the program: its Python runs, its commands work, its figures are those that were measured."""

from __future__ import annotations

import csv
import json
import re
import shlex
import sys
from pathlib import Path
from statistics import correlation

import pandas as pd
import pytest
from click import Context
from countries import FACTS

from family_trees.analysis.encoding import encodings
from family_trees.cli import main
from family_trees.cli.many import study as study_command
from family_trees.engine.network import Connection
from family_trees.families.people import Triple
from family_trees.families.readers.tree import read_tree
from family_trees.models.saved import load
from family_trees.studies.measured_recipes import measured_summaries
from family_trees.studies.paper.verdicts import claims_markdown_table, committed_rows
from family_trees.support.data import data_file
from family_trees.support.intervals import wilson

ROOT = data_file("people.csv").parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", README, re.DOTALL))
def test_python_runs(
    block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    if "loky" in block:
        pytest.importorskip("loky")
    Path("mine.toml").write_text('title = "mine"\nsplits = 2\n[[recipes]]\nsweeps = 2\n', encoding="utf-8")
    exec(compile(block, "README.md", "exec"), {})  # noqa: S102
    assert capsys.readouterr().out or Path("mine/networks.csv").exists()


def test_the_commands_for_a_cluster_are_those_of_the_help() -> None:
    block = README.split("### On a cluster")[1].split("```")[1]
    commands = [line.split("#")[0].strip() for line in block.splitlines()[1:]]
    told = study_command.get_help(Context(study_command)).split("A cluster of your own:")[1].split("\n\n")[0]
    assert [line.split("   ")[0] for line in map(str.strip, told.splitlines()) if line] == commands


@pytest.mark.slow
def test_commands_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """All of "On the command line", in order; only the long ones are made short."""
    section = README.split("## On the command line")[1].split("```")[1]
    commands = [shlex.split(line, comments=True) for line in section.splitlines() if line.startswith("family-trees")]
    assert len(commands) == 28
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scripts").symlink_to(ROOT / "scripts")
    for words in commands:
        short = [{"200": "2", "5000": "50", "10": "1", "20": "3"}.get(word, word) for word in words]
        monkeypatch.setattr(sys, "argv", short)
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        assert ended.value.code == 0, (words, captured.err)
        assert captured.out


def test_the_steps_with_a_family_of_ones_own_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of "Your own family", in order; the page is not opened, and few sweeps are made."""
    section = README.split("## Your own family")[1].split("\n## ")[0]
    commands = re.findall(r"^ +\.venv/bin/family-trees (.*)$", section, re.MULTILINE)
    assert len(commands) == 9
    monkeypatch.chdir(tmp_path)
    for command in commands:
        line, _, written = command.partition(" > ")
        words = [word for word in shlex.split(line) if word != "--open"]
        monkeypatch.setattr(sys, "argv", ["family-trees", *words, *(["--sweeps", "30"] if words[0] == "train" else [])])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        assert ended.value.code == 0, (words, captured.err)
        assert captured.out
        if written:
            Path(written).write_text(captured.out, encoding="utf-8")
    assert {"mine.ged", "mine.npz", "look-at.csv", "figures", "explorer.html"} == {
        path.name for path in tmp_path.iterdir()
    }


def test_the_steps_with_relations_of_ones_own_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of "Your own relations", in order, with the facts of the tests."""
    section = README.split("## Your own relations")[1].split("\n## ")[0]
    commands = re.findall(r"^\.venv/bin/family-trees (.*)$", section, re.MULTILINE)
    assert len(commands) == 6
    monkeypatch.chdir(tmp_path)
    for name, facts in (("countries.csv", FACTS), ("more.csv", [("Peru", "neighbour", "France")])):
        Path(name).write_text("\n".join(map(",".join, facts)), encoding="utf-8")
    for command in commands:
        words = shlex.split(command.partition(" > ")[0], comments=True)
        monkeypatch.setattr(sys, "argv", ["family-trees", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        assert ended.value.code == 0, (words, captured.err)
        assert captured.out
        assert "try" not in captured.err


def test_the_csv_of_a_family_can_be_read(tmp_path: Path) -> None:
    (table,) = re.findall(r"```\n(kind,person.*?)```", README, re.DOTALL)
    (tmp_path / "own.csv").write_text(table, encoding="utf-8")
    assert Triple("Cy", "mother", "Ann") in read_tree(tmp_path / "own.csv").triples


def test_the_answer_shown_is_the_answer_given() -> None:
    answer = load().ask("Colin", "aunt")
    for rank, (person, activity) in enumerate(answer.ranking[:5], start=1):
        assert re.search(rf"{rank}  {person} +{activity:.3f}", README)


@pytest.mark.committed
def test_figures_in_the_table_are_those_measured() -> None:
    for summary in measured_summaries().values():
        row = next(line for line in README.splitlines() if line.startswith(f"| `{summary.recipe}`"))
        low, high = summary.share_learned_low, summary.share_learned_high
        assert f"| {summary.networks_learned} of {summary.networks} ({low:.1%} to {high:.1%}) |" in row
        assert f"| {summary.mean_training_right:.1f} " in row
        assert f"| {summary.mean_held_out_right:.2f} " in row
        if summary.networks_learned:
            assert f"({summary.mean_training_right_low:.1f} to {summary.mean_training_right_high:.1f})" in row
            assert f"({summary.mean_held_out_right_low:.2f} to {summary.mean_held_out_right_high:.2f})" in row


@pytest.mark.committed
def test_figures_in_the_findings_are_those_measured() -> None:
    with (ROOT / "results" / "recipe-choice.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    published = [row for row in rows if row["change"] == "epsilon factor" and float(row["to"]) == 1]
    assert len(published) == 10
    assert all(int(row["networks_learned"]) == 0 for row in published)
    best_range = max(published, key=lambda row: float(row["mean_training_cases_right"]))
    words = " ".join(README.split())
    told = f"at the best range, {float(best_range['initial_range']):g}, a network had"
    assert f"{told} {float(best_range['mean_training_cases_right']):.2f} of 100 right on average" in words
    chosen = next(
        row for row in rows if (row["change"], float(row["to"]), row["initial_range"]) == ("epsilon factor", 6, "3.0")
    )
    assert f"had {chosen['networks_learned']} of 200 networks" in README
    with (ROOT / "results" / "recipe-finalists.csv").open(encoding="utf-8", newline="") as file:
        finalists = list(csv.DictReader(file))
    (again,) = (
        row
        for row in finalists
        if (row["change"], float(row["to"]), row["initial_range"]) == ("epsilon factor", 6, "3.0")
    )
    assert f"each of the {len(finalists)} recipes" in words
    assert f"there `larger-steps` had {again['networks_learned']}." in words
    assert f"{len(rows)} recipes" in README


@pytest.mark.committed
def test_claims_are_those_of_the_full_run() -> None:
    assert claims_markdown_table(committed_rows()) in README


@pytest.mark.committed
def test_figures_of_the_full_reproduction_are_those_measured() -> None:
    tables = ROOT / "results" / "tables"
    words = " ".join(README.split())
    thresholds = pd.read_csv(tables / "units" / "thresholds.csv")
    own = thresholds[(thresholds["layer"] == "person code") & (thresholds["threshold"] == 0.5)].set_index("distinction")
    share = {name: f"{value:.0%}" for name, value in own["weights"].to_dict().items()}
    assert f"{share['nationality']} of the networks that learn all their training cases have such a unit" in words
    assert f"{share['generation']} have one for generation, here unit 1, and {share['branch']} one for branch" in words
    assert f"Of 1000 other networks {own['networks'].iloc[0]} learned all their training cases" in words
    assert f"Of these {share['nationality']} have a unit in the person code for nationality" in words
    assert f"{share['generation']} one for generation, {share['branch']} one for branch of the family" in words
    assert len(pd.read_csv(tables / "units" / "networks.csv")) == 1000
    assert share["sex"] == "0%"
    assert (own["weights_by_chance"] < 0.01).all()
    told = encodings(load().weights[Connection("person", "person code")][0], load().task, "person")
    assert [[each.distinction for each in told[unit]] for unit in (1, 0, 4)] == [
        ["nationality"],
        ["generation"],
        ["branch"],
    ]
    emergence = pd.read_csv(tables / "units" / "emergence.csv")
    appears = [
        emergence[(emergence["layer"] == "person code") & (emergence["distinction"] == name)]
        .query("median >= 0.5")["sweep"]
        .min()
        for name in ("nationality", "generation", "branch")
    ]
    assert appears == sorted(set(appears))  # "nationality comes first, then generation, then branch"

    networks = pd.read_csv(tables / "symmetry" / "networks.csv", low_memory=False)
    of = {
        key: group
        for key, group in networks[networks["task"] == "symmetry"].groupby(["epsilon", "hidden"])
        if isinstance(key, tuple)
    }
    two = of[0.1, 2]
    in_time, in_the_end = ((two["sweeps_to_solve"] <= sweep).mean() for sweep in (1425, 10_000))
    assert (
        f"{in_time:.0%} of {len(two)} networks solve it by sweep 1,425, and {in_the_end:.0%} by sweep 10,000" in words
    )
    solutions = two[two["solved"]]
    formed = solutions["as_in_the_paper"].astype(bool)
    assert (formed | solutions["in_ratio_2_3_4"].astype(bool)).all()
    assert f"Of the solutions {formed.mean():.0%} have the paper's weights" in words
    gentle, printed = ([of[epsilon, hidden]["solved"].mean() for hidden in (2, 3, 6, 8)] for epsilon in (0.02, 0.1))
    assert (
        f"By steps a fifth as large {gentle[0]:.1%} solve it with two hidden units, and {gentle[1]:.0%} with" in words
    )
    assert gentle[1:] == [1, 1, 1]
    assert printed == sorted(printed, reverse=True)
    steps = pd.read_csv(tables / "iterative" / "steps.csv").set_index("steps")
    three, four, *_, ten = steps["share_learned"]
    assert three == 1
    assert f"a bit for 3 steps, {four:.0%} for 4, and {ten:.0%} for 10" in words


def test_every_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


@pytest.mark.committed
def test_figures_of_the_studies_are_those_measured() -> None:
    def rows(name: str) -> list[dict[str, str]]:
        with (ROOT / "results" / "studies" / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    words = " ".join(README.split())
    departures = rows("departures.csv")
    enough = [row["change"] for row in departures if float(row["share_learned"]) >= 0.1]
    assert enough == ["epsilon x 5", "epsilon x 10", "error signal y - d"]
    assert f"{len(departures) - 1} departures were tried alone. With every other one, fewer than 10% of" in words
    assert f"{rows('window.csv')[0]['networks']} networks in each cell" in words
    patient = next(row for row in departures if row["change"] == "20,000 sweeps")
    assert float(patient["training_share"]) < 0.01
    early, late = (
        next(row for row in rows("held-out.csv") if (row["recipe"], row["sweep"]) == ("larger-steps", sweep))
        for sweep in ("1500", "20000")
    )
    assert early["networks"] == late["networks"] == "1000"
    share, low, high = (float(late[f"held_out_share{end}"]) for end in ("", "_low", "_high"))
    assert f"{float(late['share_learned']):.1%} of 1000 networks (others than those of the table) have all" in words
    assert f"of their held-out cases {share:.1%} ({low:.1%} to {high:.1%})" in words
    assert f"after {float(early['held_out_share']):.1%} at 1500 sweeps" in words
    chances = next(
        row for row in rows("held-out-distribution.csv") if (row["recipe"], row["sweep"]) == ("larger-steps", "20000")
    )
    share, low, high = (float(chances[f"all_right{end}"]) for end in ("", "_low", "_high"))
    assert f"All four are right in {share:.1%} ({low:.1%} to {high:.1%}) of networks" in words

    cases = [row for row in rows("each-case.csv") if row["sweep"] == "5000"]
    assert len(cases) == 104
    assert {row["networks"] for row in cases} == {"50"}
    for relation, told in (("aunt", "an aunt is inferred by {:.0%} of networks"), ("wife", "a wife by {:.0%}")):
        shares = [float(row["right"]) for row in cases if row["relation"] == relation]
        assert told.format(sum(shares) / len(shares)) in words
    arthur = next(row for row in cases if (row["person"], row["relation"]) == ("Arthur", "wife"))
    assert f"the wife of Arthur by {float(arthur['right']):.0%}" in words


@pytest.mark.committed
def test_figures_of_the_successors_are_those_measured() -> None:
    def told(share: list[float]) -> str:
        return "{:.1%} ({:.1%} to {:.1%})".format(*share)

    numbers = json.loads((ROOT / "results" / "studies" / "numbers.json").read_text(encoding="utf-8"))["successors"]
    words = " ".join(README.split())
    matrices, _, network = numbers["learners"]
    assert numbers["networks"] == 1000
    assert f"a network has {told(matrices['held_out_share_rank'])} of its four held-out cases right by rank" in words
    assert f"all four in {told(matrices['all_by_rank'])} of 1000 splits" in words
    told_of_1986 = f"{told(network['held_out_share_rank'])}, and all four in {network['all_by_rank'][0]:.1%}"
    assert f"the network of 1986 has {told_of_1986}" in words
    assert numbers["each"]["matrices"]["always"] == numbers["each"]["matrices"]["cases"] == 104
    of_26 = next(row["of"] for row in numbers["sizes"] if row["held_out"] == 26)
    shares = {name: of["held_out_share_rank"][0] for name, of in of_26.items()}
    assert (
        f"matrices have {shares['matrices']:.1%} right, vectors (2001) {shares['vectors']:.1%}, "
        f"and the network of 1986 {shares['network of 1986']:.1%}"
    ) in words
    decides = {name: row["by_rank"]["26"] for name, row in numbers["decides"].items()}
    for without in ("matrices without the penalty", "matrices with other codes as answers"):
        assert decides[without][2] < decides["matrices"][1], "What decides is the penalty, and that codes are shared"
    alone = decides["matrices without the penalty"], decides["network of 1986, softmax answers, five times the decay"]
    assert f"with 26 held out, matrices without the penalty have {alone[0][0]:.1%} right" in words
    assert f"and that network, with their error and five times its decay, {alone[1][0]:.1%}" in words


@pytest.mark.committed
def test_the_table_of_later_methods_is_that_measured() -> None:
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    with (ROOT / "results" / "relations.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            of = found.setdefault((row["dataset"], row["method"]), [])
            of.append((float(row["mrr"]), float(row["cpu_seconds"])))
    mean = {key: tuple(sum(column) / len(rows) for column in zip(*rows, strict=True)) for key, rows in found.items()}
    for data in ("1986", "nations", "umls", "kinships"):
        ours = {name: mean[data, name] for name in ("matrices", "vectors", "network")}
        best = max((method for of, method in mean if of == data and method not in ours), key=lambda m: mean[data, m])
        cells = [data, "{:.3f}, {:.1f} s".format(*ours["matrices"])]
        cells += [f"{ours[name][0]:.3f}" for name in ("vectors", "network")]
        cells += [best + " {:.3f}, {:.1f} s".format(*mean[data, best])]
        assert f"| {' | '.join(cells)} |" in README
    assert all(len(rows) >= 3 for rows in found.values())
    family = {method: mrr for (data, method), (mrr, _) in mean.items() if data == "royal92"}
    field = sorted(family.keys() - {"matrices", "vectors", "network"}, key=family.__getitem__)
    words = " ".join(README.split())
    assert f"matrices have {family['matrices']:.3f}, vectors {family['vectors']:.3f}" in words
    assert f"and {field[-1]} {family[field[-1]]:.3f}, the best of {len(field)} methods of PyKEEN" in words


@pytest.mark.committed
def test_figures_of_the_twins_are_those_measured() -> None:
    with (ROOT / "results" / "studies" / "twins.csv").open(encoding="utf-8", newline="") as file:
        shares = {(row["study"], row["case"]): float(row["right"]) for row in csv.DictReader(file)}
    words = " ".join(README.split())
    assert f"facts are inferred by {shares['each-case', 'a twin was trained on']:.1%} of networks" in words
    assert f"without one by {shares['each-case', 'no twin exists']:.1%}" in words
    assert f"held out, too, by {shares['twins', 'twins exist, all held out, too']:.1%}" in words
    with (ROOT / "results" / "studies" / "predicted-splits.csv").open(encoding="utf-8", newline="") as file:
        splits = list(csv.DictReader(file))
    for study, told in (
        ("committees", "r = {:.2f} over 100 splits of 32 networks each"),
        ("held-out", "add luck, r = {:.2f}"),
    ):
        own = [(float(row["predicted"]), float(row["measured"])) for row in splits if row["study"] == study]
        assert told.format(correlation(*zip(*own, strict=True))) in words


@pytest.mark.committed
def test_figures_of_committees_and_of_the_best_are_those_measured() -> None:
    def rows(name: str) -> list[dict[str, str]]:
        with (ROOT / "results" / "studies" / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def told(row: dict[str, str], measure: str) -> str:
        share, low, high = (float(row[f"{measure}{end}"]) for end in ("", "_low", "_high"))
        return f"{share:.1%} ({low:.1%} to {high:.1%})"

    words = " ".join(README.split())
    ends = [row for row in rows("committees.csv") if row["sweep"] == "5000"]
    one, most = ends[0], ends[-1]
    assert (one["members"], most["members"]) == ("1", "32")
    assert f"in {told(most, 'held_out_share_best')} of held-out cases; single networks have" in words
    assert f"networks have {float(one['held_out_share_best']):.1%}" in words
    best, perfect = rows("best.csv")[-1], rows("best-distribution.csv")[-1]
    assert best["networks"] == "1000"
    assert f"{told(best, 'held_out_share')} of the held-out cases of 1000 fresh splits right" in words
    assert f"{told(best, 'held_out_share_best')} by the best unit" in words
    assert f"all four in {told(perfect, 'all_right')} of networks" in words
    now = {row["recipe"]: row for row in rows("then-and-now.csv")}  # the last row of each, after its last sweep
    assert now["ELU units"]["networks"] == "200"
    assert f"logistic units have {told(now['logistic units (1986)'], 'held_out_share_best')} of held-out cases" in words
    assert f"the highest of ten methods, {told(now['ELU units'], 'held_out_share_best')}" in words
    for method, name in (
        ("tanh units", "tanh units"),
        ("cross-entropy", "softmax with cross-entropy"),
        ("10", "batches of 10"),
    ):
        assert f"{method} {float(now[name]['held_out_share_best']):.1%}" in words


@pytest.mark.committed
def test_figures_of_own_families_are_those_measured() -> None:
    def rows(name: str) -> list[dict[str, str]]:
        with (ROOT / "results" / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def told(row: dict[str, str] | None, share: str) -> str:
        if row is None:
            return "-"
        mean, low, high = (float(row[f"{share}_{part}"]) for part in ("share", "low", "high"))
        return f"{mean:.0%} ({low:.0%} to {high:.0%})"

    families: dict[str, dict[str, dict[str, str]]] = {}
    for row in rows("own-families.csv"):
        families.setdefault(row["tree"], {})[row["learner"]] = row
    assert [*families][:3] == ["1986", "made up, 60", "made up, 200"]
    for tree, learners in families.items():
        row = learners["matrices"]
        sizes = f"{tree} | {int(row['people']):,} | {int(row['facts']):,} | {int(row['cases']):,}"
        shares = (told(row, "held_out"), told(row, "rank"), told(learners.get("network"), "rank"))
        assert f"| {sizes} | {' | '.join(shares)} |" in README
        assert row["networks"] == ("3" if tree == "royal92" else "20")
    scale: dict[str, dict[str, dict[str, str]]] = {}
    for row in rows("scale.csv"):
        scale.setdefault(row["people"], {})[row["learner"]] = row
    for people, learners in scale.items():
        row = learners["matrices"]
        costs = [_cost(learners[name]) for name in ("matrices", "network")]
        sizes = f"{int(people):,} | {int(row['facts']):,} | {int(row['cases']):,}"
        assert f"| {sizes} | {' | '.join(costs)} |" in README
    counts: dict[tuple[str, ...], list[int]] = {}
    for row in rows("planted.csv"):
        sums = counts.setdefault((row["tree"], row["kind"], row["learner"], row["asked"]), [0, 0, 0, 0])
        for place, column in enumerate(("errors_found", "errors", "removals_found", "removals")):
            sums[place] += int(row[column])
    for names, (errors, of_errors, removals, of_removals) in counts.items():
        found = [
            "{} of {} ({:.0%} to {:.0%})".format(right, of, *wilson(right, of))
            for right, of in ((errors, of_errors), (removals, of_removals))
        ]
        assert f"| {' | '.join((*names, *found))} |" in README


def _cost(row: dict[str, str]) -> str:
    """Seconds and memory as the README tells them."""
    seconds = float(row["training_seconds"])
    return (
        f"{seconds:,.2g}" * (seconds < 100) + f"{seconds:,.0f}" * (seconds >= 100) + f" | {float(row['peak_mb']):.0f}"
    )
