"""README and documents against the program: their Python runs, their commands work, their links lead somewhere.

What their numbers are held to is in test_documents_numbers.py.
"""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest
from click import Context
from countries import FACTS
from prose_numbers import documents

from family_trees.cli import cli, main
from family_trees.cli.many import study as study_command
from family_trees.families.people import Triple
from family_trees.families.readers.tree import read_tree
from family_trees.models.saved import load
from family_trees.support.data import data_file

ROOT = data_file("people.csv").parent.parent
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in documents()}
README = TEXTS["README.md"]
OTHERS = (
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "results/claims.md",
    "results/relations.md",
    "results/studies/README.md",
    "scripts/studies/README.md",
    "scripts/lecture/README.md",
    "family_trees/engine/ARITHMETIC.md",
)
"""Texts to which these lead, and whose links are checked as well."""

PYTHON = [
    (name, block) for name, text in TEXTS.items() for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL)
]


@pytest.mark.parametrize(("name", "block"), PYTHON)
def test_python_runs(
    name: str, block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    if "loky" in block:
        pytest.importorskip("loky")
    Path("mine.toml").write_text('title = "mine"\nsplits = 2\n[[recipes]]\nsweeps = 2\n', encoding="utf-8")
    exec(compile(block, name, "exec"), {})  # noqa: S102
    assert capsys.readouterr().out or Path("mine/networks.csv").exists()


def fenced(name: str) -> list[str]:
    """The commands of this program in the blocks of code of a text, without their comments."""
    lines = re.findall(r"^ *(?:\.venv/bin/)?family-trees (.*)$", _blocks(TEXTS[name]), re.MULTILINE)
    return [re.split(r"\s+# ", line)[0].strip() for line in lines]


def _blocks(text: str) -> str:
    return "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))


def run_commands(
    commands: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *more: str
) -> None:
    """Run commands in order, in this directory; `more` follows those that train. None may fail, and each prints."""
    for command in commands:
        line, _, written = command.partition(" > ")
        words = [word for word in shlex.split(line) if word != "--open"]
        monkeypatch.setattr(sys, "argv", ["family-trees", *words, *(more if words[0] == "train" else ())])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        assert ended.value.code == 0, (command, captured.err)
        assert captured.out, command
        if written:
            Path(written).write_text(captured.out, encoding="utf-8")


def test_the_commands_for_a_cluster_are_those_of_the_help() -> None:
    block = TEXTS["family_trees/documents/cluster.md"].split("```")[1]
    commands = [line.split("#")[0].strip() for line in block.splitlines()[1:]]
    told = study_command.get_help(Context(study_command)).split("A cluster of your own:")[1].split("\n\n")[0]
    assert [line.split("   ")[0] for line in map(str.strip, told.splitlines()) if line] == commands


@pytest.mark.slow
def test_commands_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """All of "On the command line", in order; only the long ones are made short."""
    commands = fenced("family_trees/documents/command-line.md")
    assert len(commands) == 30
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scripts").symlink_to(ROOT / "scripts")
    short = {" 200 ": " 2 ", " 5000": " 50", " 10": " 1", " 20": " 3"}
    for long, less in short.items():
        commands = [re.sub(rf"{long}\b" if long[-1] != " " else long, less, command) for command in commands]
    run_commands(commands, monkeypatch, capsys)


def test_commands_of_the_readme_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of them, in both languages, but for the two lines that set everything up, which .ci/run types."""
    monkeypatch.chdir(tmp_path)
    Path("countries.csv").write_text("\n".join(map(",".join, FACTS)), encoding="utf-8")
    commands = [command for command in fenced("README.md") if "--again" not in command]  # that one is in the list above
    assert len(commands) == 7
    run_commands(commands, monkeypatch, capsys, "--sweeps", "30")
    run_commands(fenced("README.ko.md"), monkeypatch, capsys, "--sweeps", "30")
    assert {"mine.ged", "mine.npz", "successor.npz", "countries.npz"} <= {path.name for path in tmp_path.iterdir()}


def test_the_first_commands_are_those_that_ci_runs() -> None:
    """.ci/run takes the lines of the first block under "Quick start": two that stand alone, and a question."""
    first, second, third = README.split("## Quick start")[1].split("```")[1].splitlines()[1:]
    assert first.endswith("scripts/reproduce.py")
    assert second.endswith(".venv/bin/pytest")
    assert third == ".venv/bin/family-trees query Colin aunt"
    assert "```sh\n" + "\n".join((first, second, third)) in TEXTS["README.ko.md"]


def test_the_steps_with_a_family_of_ones_own_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of "Your own family", in order; the page is not opened, and few sweeps are made."""
    commands = fenced("family_trees/documents/your-own-family.md")
    assert len(commands) == 9
    monkeypatch.chdir(tmp_path)
    run_commands(commands, monkeypatch, capsys, "--sweeps", "30")
    assert {"mine.ged", "mine.npz", "look-at.csv", "figures", "explorer.html"} == {
        path.name for path in tmp_path.iterdir()
    }


def test_the_steps_with_relations_of_ones_own_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of "Your own relations", in order, with the facts of the tests."""
    commands = fenced("family_trees/documents/your-own-relations.md")
    assert len(commands) == 6
    monkeypatch.chdir(tmp_path)
    for name, facts in (("countries.csv", FACTS), ("more.csv", [("Peru", "neighbour", "France")])):
        Path(name).write_text("\n".join(map(",".join, facts)), encoding="utf-8")
    run_commands(commands, monkeypatch, capsys)


@pytest.mark.parametrize("name", TEXTS)
def test_every_command_that_is_named_is_there(name: str) -> None:
    """Commands in the code font and in blocks: the command, its options and the scripts are there."""
    text = TEXTS[name]
    named = [" ".join(span.split()) for span in re.findall(r"`((?:\.venv/bin/)?family-trees [^`]*)`", text)]
    commands = [re.sub(r"^\.venv/bin/", "", span).removeprefix("family-trees ") for span in named] + fenced(name)
    for command in commands:
        first, *words = shlex.split(command.partition(" > ")[0].replace("|", " ").partition(" && ")[0])
        if first.startswith("-"):
            continue
        of = cli.get_command(Context(cli), first)
        assert of is not None, (name, command)
        options = {option for each in of.params for option in (*each.opts, *each.secondary_opts)} | {"--help"}
        assert {word for word in words if word.startswith("-")} <= options, (name, command)
    for script in re.findall(r"\b(scripts/[\w/]+\.(?:py|toml))", text):
        assert (ROOT / script).exists(), (name, script)
    number = load().number
    assert {int(found) for found in re.findall(r"--network (\d+)", text)} <= {number}, "the network that ships"


def test_the_csv_of_a_family_can_be_read(tmp_path: Path) -> None:
    (table,) = re.findall(r"```\n(kind,person.*?)```", TEXTS["family_trees/documents/file-formats.md"], re.DOTALL)
    (tmp_path / "own.csv").write_text(table, encoding="utf-8")
    assert Triple("Cy", "mother", "Ann") in read_tree(tmp_path / "own.csv").triples


def test_the_readme_is_short() -> None:
    lines = README.splitlines()
    assert len(lines) <= 200
    for name, text in TEXTS.items():
        prose = [line for line in text.splitlines() if not line.startswith("|")]
        assert [line for line in prose if len(line) > 120 and "family-trees site" not in line] == [], name


def links(text: str) -> list[str]:
    """The targets of all links of a text, as a code host reads them."""
    bare = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    return [
        *re.findall(r"\]\(([^)\s]+)\)", bare),
        *re.findall(r"^\[[\w-]+\]: (\S+)$", bare, re.MULTILINE),
    ]


def anchors(path: Path) -> set[str]:
    """What a link may name in a text: its headings, as code hosts name them."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", [*TEXTS, *OTHERS])
def test_every_link_leads_somewhere(name: str) -> None:
    path = ROOT / name
    text = path.read_text(encoding="utf-8")
    for link in links(text):
        if link.startswith("https://"):
            continue
        target, _, heading = link.partition("#")
        found = (path.parent / target).resolve() if target else path
        assert found.exists(), (name, link)
        assert found.is_relative_to(ROOT), (name, link)
        assert not heading or heading in anchors(found), (name, link)
    labels = {*re.findall(r"\]\[([\w-]+)\]", re.sub(r"`[^`\n]*`", "", text))}
    assert labels == {*re.findall(r"^\[([\w-]+)\]: ", text, re.MULTILINE)}, name


def test_links_are_found_at_all() -> None:
    assert "family_trees/documents/method.md#the-same-network-for-everyone" in links(README)
    assert "results/studies/successors.csv" in links(README)
    assert links("`[a](b)` and [c](d.md)") == ["d.md"]
    assert "the-same-network-for-everyone" in anchors(ROOT / "family_trees/documents/method.md")


def test_every_document_is_one_click_away() -> None:
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / "family_trees" / "documents").glob("*.md")}
    assert there <= {link.partition("#")[0] for link in links(README)}
    assert "README.ko.md" in links(README)
    assert "README.md" in links(TEXTS["README.ko.md"])
