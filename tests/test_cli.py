"""The command line end to end: in a clean directory, in a process of its own where that matters."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from interrupts import hear_interrupts

from family_trees.cli import COMMANDS, SECTIONS, cli, main
from family_trees.cli.progress import TERMINAL_COLUMNS, progress, stoppable
from family_trees.engine.recipe import RECIPES
from family_trees.models.model import Model
from family_trees.models.saved import load, save


class Ran:
    """How a command ended: exit status, standard output, standard error."""

    def __init__(self, status: object, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err


Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command line in an empty directory, in this process."""
    monkeypatch.chdir(tmp_path)

    def runner(*words: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["family-trees", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Ran(ended.value.code, captured.out, captured.err)

    return runner


def process(*words: str, cwd: Path, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "family_trees", *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload, no-any-return]


def test_query(run: Run) -> None:
    ran = run("query", "colin", "has-AUNT")
    assert ran.status == 0
    first, second, *_ = ran.out.splitlines()
    assert first.startswith("Colin has-aunt: ")
    assert {*first.removeprefix("Colin has-aunt: ").split(", ")} == {"Jennifer", "Margaret"}
    assert "right" in second
    assert sum(line.strip()[:1].isdigit() for line in ran.out.splitlines()) == 5


def test_query_says_held_out_and_wrong_and_nobody(run: Run, tmp_path: Path) -> None:
    assert run("train", "--sweeps", "0", "--hold-out", "Colin aunt", "--set", "initial_range=0.01").status == 0
    ran = run("query", "Colin", "aunt", "--model", "model.npz", "--top", "24")
    assert "held out" in ran.out
    assert "wrong; the trees say Jennifer, Margaret" in ran.out
    quiet = load(tmp_path / "model.npz")
    for weights in quiet.weights.values():
        weights[:] = -1
    save(replace(quiet, trajectory=None), tmp_path / "model.npz")
    assert "nobody is above 0.5" in run("query", "Colin", "aunt", "--model", "model.npz").out
    assert "The trees hold no wife of Colin" in run("query", "Colin", "wife").out


def test_query_json(run: Run) -> None:
    ran = run("query", "Colin", "aunt", "--json")
    said = json.loads(ran.out)
    assert {"person", "relation", "answers", "ranking", "held_out", "model"} <= set(said)
    assert (said["person"], said["relation"], said["held_out"]) == ("Colin", "aunt", False)
    assert {each["person"] for each in said["answers"]} == {"Jennifer", "Margaret"}
    assert all(set(each) == {"person", "activity"} for each in said["answers"] + said["ranking"])
    assert all(each["activity"] > 0.5 for each in said["answers"])
    assert len(said["ranking"]) == 24
    assert len(json.loads(run("query", "Colin", "aunt", "--json", "--top", "3").out)["ranking"]) == 3
    assert said["model"]["recipe"] == load().recipe.name


@pytest.mark.parametrize(
    "words",
    [
        ["query", "Colin", "aunt"],
        ["query", "Colin", "aunt", "--json"],
        ["facts"],
        ["facts", "--csv"],
        ["facts", "--gedcom"],
        ["claims"],
        ["claims", "F3"],
        ["claims", "--csv"],
        ["claims", "--json"],
        ["recipes"],
        ["recipes", "--json"],
        ["--help"],
        *([command, "--help"] for command in COMMANDS),
    ],
)
def test_commands_that_print_text_import_nothing_heavy(tmp_path: Path, words: list[str]) -> None:
    """pandas and matplotlib take longer to import than the answer may take."""
    code = f"import sys; from family_trees.cli import cli; cli({words!r}, standalone_mode=False)"
    code += "; print({'pandas', 'matplotlib', 'jinja2'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "set()"


def test_facts(run: Run) -> None:
    everything = run("facts", "--csv").out
    rows = list(csv.DictReader(io.StringIO(everything)))
    assert len(rows) == 112
    assert list(rows[0]) == ["person1", "relation", "person2"]
    assert len(json.loads(run("facts", "--relation", "has-aunt", "--json").out)) == 8
    ran = run("facts", "--person", "colin")
    assert "Colin has-uncle Arthur, Charles" in ran.out.splitlines()
    assert ran.err.strip() == "7 triples, 5 cases"


def test_train_query_figures(run: Run, tmp_path: Path) -> None:
    ran = run("train", "--recipe", "cross-entropy", "--seed", "3", "--sweeps", "40", "--held-out", "10", "-o", "m.npz")
    assert ran.status == 0
    assert "held-out cases right" in ran.out
    model = load(tmp_path / "m.npz")
    assert (model.seed, len(model.held_out), model.recipe.sweeps) == (3, 10, 40)
    assert json.loads(run("query", "Colin", "aunt", "-m", "m.npz", "--json").out)["model"]["seed"] == 3
    ran = run("figures", "--model", "m.npz", "--out", "drawn", "--format", "svg", "--question", "sophia has-uncle")
    assert ran.status == 0
    assert sorted(str(path.relative_to(tmp_path)) for path in (tmp_path / "drawn").iterdir()) == ran.out.split()
    assert "Sophia has-uncle ?" in (tmp_path / "drawn" / "fig3-activities.svg").read_text(encoding="utf-8")


def test_same_seed_same_file_other_seed_other_file(run: Run, tmp_path: Path) -> None:
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        assert run("train", "--sweeps", "12", "--seed", seed, "--out", name).status == 0
    a, b, c = ((tmp_path / name).read_bytes() for name in "abc")
    assert a == b
    assert a != c


def test_recipes(run: Run) -> None:
    ran = run("recipes")
    assert all(name in ran.out for name in RECIPES)
    assert "not yet" not in ran.out
    said = {row["recipe"]: row for row in json.loads(run("recipes", "--json").out)}
    assert said["published"]["differences"] == {}
    assert said["published"]["measured"]["networks_learned"] == 0


def test_claims(run: Run) -> None:
    ran = run("claims")
    assert ran.status == 0
    assert ran.out.startswith("S1  PARTLY: ")
    verdicts = re.findall(r"^\w\w  ([A-Z ]+): ", ran.out, re.MULTILINE)
    assert [verdicts.count(each) for each in ("REPLICATED", "PARTLY", "NOT REPLICATED")] == [7, 2, 1]
    one = run("claims", "f1", "S2")
    assert re.findall("^[A-Z][0-9]", one.out, re.MULTILINE) == ["S2", "F1"]
    assert "Rule: replicated if" in one.out
    assert [row["id"] for row in json.loads(run("claims", "L1", "--json").out)] == ["L1"]
    rows = list(csv.DictReader(io.StringIO(run("claims", "--csv").out)))
    assert len(rows) == 10
    assert {"verdict", "low", "high", "networks", "rule", "command"} <= set(rows[0])


@pytest.mark.slow
def test_a_claim_is_measured_again(run: Run, tmp_path: Path) -> None:
    ran = run("claims", "F1", "F2", "--again", "--quick", "--csv", "--seed", "3")
    assert ran.status == 0
    assert [(row["id"], row["networks"]) for row in csv.DictReader(io.StringIO(ran.out))] == [
        ("F1", "80"),
        ("F2", "80"),
    ]
    assert ran.err.startswith("about ")
    assert not list(tmp_path.iterdir())


def test_explore(run: Run, tmp_path: Path) -> None:
    run("train", "--sweeps", "20", "--out", "small.npz")
    ran = run("explore", "--model", "small.npz", "--out", "page.html")
    assert (ran.status, ran.out) == (0, "written: page.html\n")
    assert ran.err == ""
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    before = (tmp_path / "small.npz").read_bytes()
    failed = run("explore", "--model", "small.npz", "--out", "small.npz")
    assert failed.status == 1
    assert "this file is an input" in failed.err
    assert (tmp_path / "small.npz").read_bytes() == before
    run("train", "--sweeps", "0", "--out", "zero.npz")
    assert run("explore", "--model", "zero.npz", "--out", "zero.html").err == ""
    save(replace(load(tmp_path / "small.npz"), trajectory=None, arithmetic=None), tmp_path / "old.npz")
    ran = run("explore", "--model", "old.npz", "--out", "old.html")
    assert (ran.status, ran.out) == (0, "written: old.html\n")
    assert ran.err.startswith("this model keeps no course of learning, so the page shows the final network alone;")
    failed = run("explain", "Colin", "aunt", "--model", "old.npz", "--sweep", "3")
    assert failed.status == 1
    assert failed.err.startswith("Error: this model keeps no course of learning")
    assert len(failed.err.splitlines()) == 1


def test_help_and_version(run: Run) -> None:
    assert run("--version").out.startswith("family-trees, version ")
    for command in ("query", "facts", "train", "figures", "recipes", "reproduce", "claims"):
        ran = run(command, "--help")
        assert ran.status == 0
        assert command == "recipes" or "Examples:" in ran.out
    assert run("-h").status == 0


def test_the_list_of_commands_says_what_each_says_of_itself(run: Run) -> None:
    text = run("--help").out
    for title, section in SECTIONS.items():
        assert f"\n{title}:\n" in text
        for name, entry in section.items():
            command = cli.commands[name]
            assert command.name == name
            assert entry.short_help == (command.help or "").split("\n\n")[0]
            assert f" {name} {entry.short_help} " in f" {' '.join(text.split())} "


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_examples(run: Run, command: str) -> None:
    text = run(command, "--help").out
    examples = [line for line in text.splitlines() if line.startswith("    family-trees ")]
    assert examples
    assert all(len(line) <= 120 for line in text.splitlines())
    for option in (parameter for parameter in cli.commands[command].params if parameter.param_type_name == "option"):
        assert getattr(option, "help", None), option.name


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["query", "Coln", "aunt"], "unknown person 'Coln'; did you mean Colin?"),
        (["query", "Colin", "ant"], "unknown relation 'ant'; did you mean aunt?"),
        (["query", "Xyzzy", "aunt"], "unknown person 'Xyzzy'; family-trees facts lists them"),
        (["query", "Colin", "aunt", "--model", "none.npz"], "none.npz: cannot read: No such file or directory"),
        (["query", "Colin", "aunt", "--model", "."], ".: this is a directory; give the path of a model file"),
        (["query", "Colin", "aunt", "--top", "0"], "'--top'"),
        (["query", "Colin"], "Missing argument 'RELATION'"),
        (["facts", "--person", "Nobody"], "unknown person 'Nobody'"),
        (["facts", "--csv", "--json"], "--csv, --json and --gedcom: give one of them"),
        (["train", "--recipe", "publshed"], "unknown recipe 'publshed'; did you mean published?"),
        (["train", "--set", "alpha=1.5"], "alpha: 1.5 is not allowed; give a number of at least 0 and below 1"),
        (["train", "--set", "speed=1"], "recipe setting 'speed=1': give KEY=VALUE"),
        (["train", "--sweeps", "-1"], "sweeps: -1 is not allowed; give a whole number of at least 0"),
        (["train", "--seed", "-1"], "seed: -1 is not allowed"),
        (["train", "--network", "-1"], "network number: -1 is not allowed"),
        (["train", "--held-out", "104"], "held-out cases: 104 is not allowed; give 0 to 103"),
        (["train", "--held-out", "-1"], "held-out cases: -1 is not allowed; give 0 to 103"),
        (["train", "--hold-out", "Colin aunt", "--hold-out", "colin has-aunt"], "'Colin aunt' is named twice"),
        (["train", "--hold-out", "Colin wife"], "case 'Colin wife' is not in the task"),
        (["train", "--hold-out", "Colin"], "give a person and a relation"),
        (["train", "--held-out", "3", "--hold-out", "Colin aunt"], "give only one of the two"),
        (["train", "--precision", "float64"], "No such option"),
        (
            ["train", "--sweeps", "30", "--set", "epsilon=1e308"],
            "training diverged: numbers are not finite after sweep",
        ),
        (["train", "--out", "."], ".: cannot write: this is a directory"),
        (["train", "--out", "file/m.npz"], "file is a file, not a directory"),
        (["figures", "--out", "file"], "file: cannot write: this is a file; give the path of a directory"),
        (["figures", "--question", "Colin wife"], "case 'Colin wife' is not in the task"),
        (["figures", "--format", "bmp"], "'--format'"),
        (["reproduce", "--out", "file"], "file: cannot write: this is a file; give the path of a directory"),
        (["reproduce", "--networks", "0"], "'--networks': 0 is not in the range 1<=x<=100000"),
        (["reproduce", "--networks", "1000000000"], "'--networks'"),
        (["reproduce", "--out", ""], "give a path, not an empty text"),
        (["reproduce", "--full", "--networks", "9"], "--full and --networks: give one of them"),
        (["symmetry", "--figure", "a.xyz"], "a.xyz: no figure can be of this kind; give a name in .png, .svg or .pdf"),
        (["symmetry", "--figure", "."], ".: cannot write: this is a directory; give the path of a file"),
        (["claims", "F7"], "no claim 'F7'; there are S1, S2, F1, F2, F3, F4, F5, F6, I1, L1"),
        (["claims", "F1", "--quick"], "--quick, --seed and --workers go with --again"),
        (["claims", "--again"], "--again: name the claims, such as F3; 'family-trees reproduce' measures all of them"),
        (["claims", "--csv", "--json"], "--csv and --json: give one of them"),
        (["query", "aunt", "Colin"], "'aunt' is a relation; give the person first"),
        (["train", "--out", "/dev/null"], "/dev/null: cannot write: this is a device or a pipe"),
        (["symmetry", "--networks", "100000000"], "'--networks': 100000000 is not in the range 1<=x<=1000000"),
        (["symmetry", "--networks", "1000000", "--sweeps", "10000000"], "would take about 6,4"),
        (["symmetry", "--hidden", "100000000"], "'--hidden': 100000000 is not in the range 0<=x<=1000"),
        (["symmetry", "--sweeps", "100000000"], "'--sweeps': 100000000 is not in the range 1<=x<=10000000"),
        (
            ["claims", "S1", "--again", "--workers", "100000000"],
            "'--workers': 100000000 is not in the range 1<=x<=1000",
        ),
        (["frobnicate"], "No such command 'frobnicate'"),
    ],
)
def test_bad_input_gets_one_clear_line_and_writes_nothing(
    run: Run, tmp_path: Path, words: list[str], told: str
) -> None:
    (tmp_path / "file").write_text("as it was")
    ran = run(*words)
    assert ran.status not in (0, None)
    lines = [line for line in ran.err.replace("\r", "\n").splitlines() if line.startswith("Error: ")]
    assert len(lines) == 1
    assert told in lines[0]
    assert "Traceback" not in ran.err
    assert not ran.out
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "as it was"


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize(
    ("out", "told"),
    [
        ("loop", "loop: this is a link that leads back to itself; remove it"),
        ("loop/x", "this is a link that leads back to itself|loop is a link to nothing"),
        ("into", "into: cannot write: this is a link into .*/nowhere, which does not exist"),
        ("nothing/x", "nothing is a link to nothing"),
    ],
)
def test_links_to_nowhere_are_one_line(run: Run, tmp_path: Path, out: str, told: str) -> None:
    for name, target in (("loop", "loop"), ("into", "nowhere/x"), ("nothing", "nowhere")):
        (tmp_path / name).symlink_to(target)
    for words in (["train", "--sweeps", "2"], ["explore"], ["figures"], ["reproduce", "--networks", "2"]):
        ran = run(*words, "--out", out)
        assert (ran.status, ran.out) == (1, ""), words
        assert ran.err.startswith("Error: ")
        assert ran.err.count("\n") == 1
        assert re.search(told if words[0] in ("train", "explore") else "is a link ", ran.err), ran.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["into", "loop", "nothing"]


def test_a_new_directory_is_told(run: Run, tmp_path: Path) -> None:
    for _ in range(2):
        ran = run("train", "--sweeps", "2", "--out", "new/one/m.npz")
        assert ("made the directory new/one\n" in ran.err) == (not _)
    assert "made the directory drawn\n" in run("figures", "--out", "drawn/here").err
    assert "made" not in run("explore", "--out", "drawn/page.html").err
    assert (tmp_path / "new" / "one" / "m.npz").is_file()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            "--set epsilon=1e9",
            "none of its 100 training cases is right, and all its hidden units are fully on or off; try a sm",
        ),
        ("--set epsilon=1e-9 --sweeps 100", "try a larger epsilon (larger-steps has 0.03 then 0.06) or more sweeps"),
        ("--set initial_range=900 --sweeps 1500", "try a smaller initial_range (larger-steps has 3.0)"),
        ("--sweeps 3", "has learned nothing: none of its 100 training cases is right; try more sweeps (--sweeps 1500)"),
        ("--set decay=0.5", "; try --recipe larger-steps as it is"),
        ("", ""),
    ],
)
def test_a_network_that_has_learned_nothing_says_so(run: Run, words: str, told: str) -> None:
    ran = run("train", *words.split())
    assert ran.status == 0
    _, *lines = ran.err.splitlines()
    assert len(lines) == bool(told)
    assert told in "".join(lines)


def test_a_broken_model_gets_one_line(run: Run, tmp_path: Path, model: Model) -> None:
    save(model, tmp_path / "m.npz")
    whole = (tmp_path / "m.npz").read_bytes()
    (tmp_path / "m.npz").write_bytes(whole[: len(whole) // 2])
    ran = run("query", "Colin", "aunt", "--model", "m.npz")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err == "Error: m.npz: not a model file, or a truncated one; train or copy it again\n"


def test_bugs_still_raise(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("family_trees.models.saved.load", broken)
    with pytest.raises(ZeroDivisionError):
        run("query", "Colin", "aunt")


@pytest.mark.skipif(sys.platform == "win32", reason="a limit on the size of files is a POSIX matter")
@pytest.mark.parametrize(
    "words",
    [
        "train --sweeps 3 --out r/m.npz",
        "explore --out r/page.html",
        "figures --out r",
        "symmetry --networks 10 --sweeps 2000 --figure r/fig1.png",
        "study killed.toml --out r",
        "reproduce --networks 2 --out r",
    ],
)
def test_a_disk_that_takes_no_more_leaves_the_old_results_whole(tmp_path: Path, words: str) -> None:
    """A limit of 1000 bytes a file stands for the full disk: the system refuses the write half-way."""
    import resource

    (tmp_path / "killed.toml").write_text('title = "x"\nsplits = 40\n[[recipes]]\nsweeps = 2\n', encoding="utf-8")
    (tmp_path / "r").mkdir()
    old = ["fig1.png", "fig2-trees.png", "m.npz", "page.html", "report.html"]
    for name in old:
        (tmp_path / "r" / name).write_text("as it was")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    ran = process(*words.split(), cwd=tmp_path, preexec_fn=limit)
    assert ran.returncode == 1
    assert "cannot write: File too large" in ran.stderr
    assert ran.stderr.count("Error: ") == 1
    assert "Traceback" not in ran.stderr
    kept = {".unfinished", "blocks", "study.json"}  # for --resume
    files = [path for path in (tmp_path / "r").iterdir() if path.name not in kept]
    assert sorted(path.name for path in files) == old
    assert {path.read_text() for path in files} == {"as it was"}


@pytest.mark.skipif(sys.platform != "linux", reason="/proc takes no files on Linux")
@pytest.mark.parametrize(
    "words",
    [
        "train --sweeps 3 --out /proc/m.npz",
        "explore --out /proc/page.html",
        "figures --out /proc/figures",
        "symmetry --networks 2 --sweeps 2 --figure /proc/fig1.png",
        "study killed.toml --out /proc/study",
        "reproduce --networks 2 --out /proc/results",
        "report-studies --out /proc/report",
    ],
)
def test_a_directory_that_takes_no_files_is_one_line(run: Run, tmp_path: Path, words: str) -> None:
    (tmp_path / "killed.toml").write_text('title = "x"\nsplits = 4\n[[recipes]]\nsweeps = 2\n', encoding="utf-8")
    ran = run(*words.split())
    assert (ran.status, ran.out) == (1, "")
    (line,) = ran.err.splitlines()
    assert re.match(r"Error: /proc/\S+: cannot write: ", line)


STOPPED = "Stopped by you; nothing was written."
KEPT = "Stopped by you; what is done is kept in new, and --resume goes on."


@pytest.mark.skipif(sys.platform == "win32", reason="signals are a POSIX matter")
@pytest.mark.parametrize(
    ("words", "begun", "number", "status", "told", "left"),
    [
        (["train", "--sweeps", "10000000", "--out", "new/m.npz"], "training", signal.SIGINT, 130, STOPPED, []),
        (["train", "--sweeps", "10000000", "--out", "new/m.npz"], "training", signal.SIGTERM, 143, "", []),
        (["reproduce", "--networks", "5000", "--out", "new"], "about", signal.SIGINT, 130, KEPT, ["new"]),
        (["reproduce", "--networks", "5000", "--out", "new"], "about", signal.SIGTERM, 143, "", ["new"]),
    ],
)
def test_stopped_in_training(
    tmp_path: Path, words: list[str], begun: str, number: int, status: int, told: str, left: list[str]
) -> None:
    command = [sys.executable, "-u", "-m", "family_trees", *words]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=tmp_path, stderr=pipe, stdout=pipe, text=True, preexec_fn=hear_interrupts
    ) as child:
        try:
            assert child.stderr is not None
            assert child.stderr.readline().startswith(begun)  # training has begun
            child.send_signal(number)
            out, err = child.communicate(timeout=60)
        finally:
            child.kill()
    assert child.returncode == status
    assert not out
    assert err.strip() == told
    assert [path.name for path in tmp_path.iterdir()] == left
    if left:
        assert [path.name for path in (tmp_path / "new").iterdir()] == [".unfinished"]


def test_a_reader_that_stops_reading_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m family_trees facts --csv | head -n 1"
    ran = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S602
    assert ran.stdout == "person1,relation,person2\n"
    assert "Traceback" not in ran.stderr


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="needs a device that is always full")
def test_a_full_standard_output_is_told() -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "family_trees", "facts", "--csv"]
        ran = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (1, "Error: standard output: No space left on device\n")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("query co", "Colin"),
        ("query Colin au", "aunt"),
        ("query Colin has-au", "has-aunt"),
        ("train --set dec", "decay="),
        ("train --recipe pub", "published"),
        ("facts --relation nep", "nephew"),
        ("claims f", "F3"),
        ("train --hold-out 'Colin a", "Colin aunt"),
    ],
)
def test_shell_completion(tmp_path: Path, words: str, expected: str) -> None:
    typed = f"family-trees {words}"
    environment = {"_FAMILY_TREES_COMPLETE": "bash_complete", "COMP_WORDS": typed, "COMP_CWORD": str(count(words))}
    ran = process(cwd=tmp_path, env=os.environ | environment)
    assert expected in [line.split(",")[-1] for line in ran.stdout.splitlines()]


def count(words: str) -> int:
    """How many words are typed, a quoted one as one."""
    from click.shell_completion import split_arg_string

    return len(split_arg_string(words))


CLOSED = "Error: standard output: is closed, so nothing was printed\n"


@pytest.mark.skipif(sys.platform == "win32", reason="the shell closes no streams there")
@pytest.mark.parametrize(
    "words",
    [
        *("query Colin aunt", "facts --csv", "facts --gedcom", "recipes --json", "claims", "check", "analyse"),
        *("explain Colin aunt", "symmetry --networks 2 --sweeps 5", "--help", "train --help", "--version"),
    ],
)
def test_a_closed_output_is_one_line(tmp_path: Path, words: str) -> None:
    ran = shell(f"{words} >&-", tmp_path)
    assert ran.returncode == 1
    assert ran.stderr.endswith(CLOSED)
    assert "Traceback" not in ran.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="the shell closes no streams there")
def test_with_a_closed_output_files_are_written_all_the_same(tmp_path: Path) -> None:
    ran = shell("train --sweeps 3 --out m.npz <&- >&-", tmp_path)
    assert (ran.returncode, ran.stderr.endswith(CLOSED)) == (1, True)
    assert load(tmp_path / "m.npz").recipe.sweeps == 3
    assert shell("query Coln aunt >&-", tmp_path).stderr.startswith("Error: unknown person 'Coln'")
    assert shell("train --sweeps 3 2>&-", tmp_path).stdout.startswith("recipe ")


def shell(words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = f"{sys.executable} -m family_trees {words}"
    return subprocess.run(command, shell=True, cwd=cwd, capture_output=True, text=True, check=False)  # noqa: S602


class Terminal(io.StringIO):
    """A terminal, which keeps what is written to it."""

    def isatty(self) -> bool:
        return True

    def shown(self) -> list[str]:
        """The lines as a reader sees them, one after the other, without the codes of the terminal."""
        return re.split("[\r\n]+", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.getvalue()))


def test_a_progress_bar_fits_and_says_what_is_being_done(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress("some 100000 networks", 100_000, "sweeps") as bar:
        assert not terminal.getvalue()  # it appears with the first report
        bar.advance(10_000)
        bar.advance(20_000, "this is being done just now, and takes more words than there is room for")
        bar.reach(100_000)
    shown = terminal.shown()
    assert all(len(line) < TERMINAL_COLUMNS for line in shown)
    assert shown[-2].startswith("some 100000 networks  [################]  100%")
    assert any("10,000 of 100,000" in line for line in shown)
    assert any("this is being" in line for line in shown)


def test_a_progress_bar_without_a_report_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("nothing to do", 0):
        pass
    with progress("training", 10) as bar:
        bar.advance(5)
        bar.advance(5)
    assert capsys.readouterr() == ("", "training\n")


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        (None, "\nStopped by you.\n"),
        (Path("new"), "\nStopped by you; what is done is kept in new, and --resume goes on.\n"),
    ],
)
def test_stopped_work_says_what_is_kept(kept: Path | None, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, stoppable(kept):
        raise KeyboardInterrupt
    assert ended.value.code == 130
    assert capsys.readouterr().err == told
