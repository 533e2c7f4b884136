"""Model files that somebody made with bad intent: refused in one line, at once, and in little memory."""

from __future__ import annotations

import json
import os
import random
import socket
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fuzz_models import Record, check_usable, family_model, run_all
from hostile_models import WEIGHTS, hostile_abouts, hostile_archives, with_about

from family_trees.engine.recipe import DEFAULT
from family_trees.families.people import Triple
from family_trees.families.task import Task
from family_trees.models.model import Model
from family_trees.models.saved import load, save
from family_trees.models.training import train
from family_trees.support.data import data_file
from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import open_limited, read_limited
from family_trees.support.wording import shown

SHIPPED = data_file("model.npz")


def arrays_and_about() -> tuple[dict[str, Any], dict[str, Any]]:
    """The arrays of the model that ships, and its description."""
    arrays: dict[str, Any] = dict(np.load(SHIPPED))
    return arrays, json.loads(arrays["about"].tobytes())


def refusal(path: Path) -> str:
    """The one line by which a file is refused, without its path."""
    with pytest.raises(FamilyTreesError) as refused:
        load(path)
    line = str(refused.value)
    assert line.startswith(f"{path}: ")
    assert line.isprintable()
    return line.removeprefix(f"{path}: ")


def refusal_of(tmp_path: Path, **changes: Any) -> str:
    """The line by which the model that ships is refused with another description."""
    arrays, about = arrays_and_about()
    with_about(tmp_path / "m.npz", arrays, about | changes)
    return refusal(tmp_path / "m.npz")


@pytest.mark.parametrize(
    ("recipe", "line"),
    [
        ({"sweeps": 10**400}, "recipe.sweeps: a whole number of 1,329 bits is not allowed; give a whole number"),
        (
            {"sweeps": 10**9},
            "recipe.sweeps: 1000000000 is not allowed; give a whole number of at least 0 and below 1,0",
        ),
        (
            {"epsilon": [10**400, 1]},
            "recipe.epsilon: a whole number of 1,329 bits is not allowed; give a number above 0",
        ),
        ({"units": ["\x1b[2J"]}, r"recipe.units: ['\x1b[2J'] is not allowed; give one of logistic"),
        ({"name": "\u202eab"}, r"recipe.name: '\u202eab' holds '\u202e', which cannot be printed in a line"),
        ({"initial_range": [0.3] * 101}, "recipe.initial_range: a list of 101 values is not allowed; give one number"),
        ({"colour": 1}, "recipe: has a field 'colour', which there is not"),
    ],
)
def test_a_hostile_recipe_is_refused_by_its_field(tmp_path: Path, recipe: dict[str, Any], line: str) -> None:
    whole = arrays_and_about()[1]["recipe"] | recipe
    assert refusal_of(tmp_path, recipe=whole).startswith(f"damaged model file: {line}")


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"people": [7, "b"]}, "people[0]: 7, and should be a text"),
        ({"people": ["a", "x" * 301]}, f"people[1]: '{'x' * 57}... has 301 characters, and should have 1 to 300"),
        ({"people": ["a\x1b[2J"]}, r"people[0]: 'a\x1b[2J' holds '\x1b', which cannot be printed in a line"),
        ({"people": ["a\ud800"]}, r"people[0]: 'a\ud800' holds '\ud800', which cannot be printed in a line"),
        ({"relations": ["a\u2028b"]}, r"relations[0]: 'a\u2028b' holds '\u2028', which cannot be printed in a line"),
        ({"triples": [["a", 1, "b"]]}, "triples[0]: ['a', 1, 'b'], and should be a list of 3 texts"),
        ({"held_out": [["a\u202e" * 40, "wife"]]}, r"case 'a\u202ea\u202e"),
        ({"version": "x" * 101}, "version: "),
        ({"seed": 2**128}, "seed: a whole number of 129 bits, and should be a whole number of at least 0"),
        ({"seed": 1.0}, "seed: 1.0, and should be a whole number"),
        ({"precision": True}, "precision: True, and should be float64 or float32"),
        (
            {"architecture": [{"name": "a", "units": 6.0}] * 2},
            "architecture[0].units: 6.0, and should be a whole number",
        ),
        (
            {"architecture": [{"name": "a -> b", "units": 6}] * 2},
            "architecture[0].name: 'a -> b', and should be without",
        ),
        (
            {"architecture": [{"name": "a", "units": 6}] * 101},
            "architecture: a list of 101 values, and should be a list",
        ),
        ({"format_version": True}, "format_version: True, and should be a whole number of at least 1 and at most 3"),
        ({"colour": 1}, "has a field 'colour', which there is not"),
    ],
)
def test_a_hostile_description_is_refused_by_its_field(tmp_path: Path, changes: dict[str, Any], line: str) -> None:
    assert refusal_of(tmp_path, **changes).startswith(f"damaged model file: {line}")


def test_every_field_must_be_there_once(tmp_path: Path) -> None:
    arrays, about = arrays_and_about()
    about.pop("precision", None)  # only files of earlier versions have it
    made = dict(hostile_abouts(about))
    for key in about:
        for fault, line in (("missing", "is missing"), ("twice", "a field of its description is there twice")):
            with_about(tmp_path / "m.npz", arrays, made[f"{key} {fault}"]())
            found = refusal(tmp_path / "m.npz")
            assert line in found or (key == "format" and found.endswith("its format is None"))


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 50_000, '{"format": NaN}', '{"format": 1' + "0" * 5000 + "}"]
)
def test_json_that_python_cannot_hold_is_refused(tmp_path: Path, text: str) -> None:
    np.savez(tmp_path / "m.npz", about=np.frombuffer(text.encode(), dtype=np.uint8))
    assert refusal(tmp_path / "m.npz").startswith("not a family-trees model: ")


def test_a_description_of_many_lists_is_refused_before_it_takes_their_memory(tmp_path: Path) -> None:
    np.savez(tmp_path / "m.npz", about=np.frombuffer(b"[" + b"[]," * 2_000_001 + b"0]", dtype=np.uint8))
    tracemalloc.start()
    assert "more than 2,000,000 lists" in refusal(tmp_path / "m.npz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40_000_000


@pytest.mark.parametrize("name", ["beside the others", "as about.npy", f"as {WEIGHTS}", "as curve sweep.npy"])
def test_a_bomb_is_refused_without_being_unpacked(tmp_path: Path, name: str) -> None:
    """A small one of 100 megabytes, or of 5 in place of an array."""
    dict(hostile_archives(SHIPPED.read_bytes(), 0.1))[f"bomb {name}"](tmp_path / "m.npz")
    tracemalloc.start()
    assert "is compressed" in refusal(tmp_path / "m.npz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("member 'extra.npy'", "array 'extra' is none that this model has"),
        ("member 'extra.txt'", "member 'extra.txt' is no array"),
        ("two of one name", "is there twice"),
        ("Fortran order", "is in Fortran order, and should be in C order"),
        ("objects", "is '|O' (24, 6), and should be float64 (24, 6)"),
        ("records", "is no array of plain numbers"),
        ("shape 99999, 99999", "is float64 (99999, 99999), and should be float64 (24, 6)"),
        ("longest header", "has no header of NumPy's version 1.0"),
        ("version 2", "has no header of NumPy's version 1.0"),
        ("code in the header", "is no array of plain numbers"),
        ("too few numbers", "which is not the size of its numbers"),
        ("too many numbers", "which is not the size of its numbers"),
        ("a member that swallows others", "not a model file"),
        ("twenty thousand members", "not a model file"),
        ("a second end", "not a model file"),
    ],
)
def test_an_archive_is_read_strictly(tmp_path: Path, name: str, line: str) -> None:
    dict(hostile_archives(SHIPPED.read_bytes(), 0.001))[name](tmp_path / "m.npz")
    assert line in refusal(tmp_path / "m.npz")


def test_a_description_of_many_tables_is_refused_before_all_are_made(tmp_path: Path) -> None:
    np.savez(tmp_path / "m.npz", about=np.frombuffer(b"[" + b"{}," * 1001 + b"0]", dtype=np.uint8))
    assert "more than 1000 tables" in refusal(tmp_path / "m.npz")


def test_curve_and_moments_fit_the_recipe(tmp_path: Path) -> None:
    arrays, _ = arrays_and_about()
    for name, array, line in (
        ("curve sweep", arrays["curve sweep"][::-1], "does not rise from 0 to 1500"),
        ("curve training_right", arrays["curve training_right"] + 99, "holds numbers outside their range"),
        ("curve squared_error", -1 - arrays["curve squared_error"], "holds numbers outside their range"),
        ("trajectory sweeps", np.array([0, 2**63 - 1, -(2**63) + 5, 1500]), "does not rise from 0 to 1500"),
    ):
        np.savez(tmp_path / "m.npz", **{**arrays, name: array})
        assert line in refusal(tmp_path / "m.npz")


def test_a_small_file_cannot_ask_for_much_memory_by_layers_that_copy_others(tmp_path: Path) -> None:
    people = [f"P{k}" for k in range(512)]
    facts = [[person, f"R{k}", people[0]] for person in people for k in range(4)]
    layers = [
        {"name": "person", "units": 512},
        {"name": "relation", "units": 4},
        {"name": "wide", "units": 20_000, "sees": ["relation"]},
        *({"name": f"wide {k}", "units": 20_000, "sees": ["relation"], "copies": "wide"} for k in range(90)),
        {"name": "answer", "units": 512, "sees": ["person"]},
    ]
    relations = [f"R{k}" for k in range(4)]
    line = refusal_of(tmp_path, people=people, relations=relations, triples=facts, held_out=[], architecture=layers)
    assert line == "damaged model file: architecture: an answer would take about 7.5 GB"


@pytest.mark.parametrize("make", [os.mkfifo, partial(os.symlink, "/dev/zero"), Path.mkdir])
def test_pipes_and_devices_are_refused_without_waiting(tmp_path: Path, make: Callable[[Path], object]) -> None:
    made = tmp_path / "m.npz"
    make(made)
    check_not_read(made)


def test_a_socket_is_refused(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(tmp_path / "m.npz"))
        check_not_read(tmp_path / "m.npz")


def check_not_read(path: Path) -> None:
    """Check that what stands at `path` is read neither as a model nor as another file."""
    assert refusal(path).endswith("give the path of a model file")
    with pytest.raises(FamilyTreesError, match=r"this is (a device or a pipe|a directory); give the path of a study"):
        read_limited(path, 100, "a study file")


def test_a_pipe_that_takes_the_place_of_a_file_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe, regular = tmp_path / "pipe", SHIPPED.stat()
    os.mkfifo(pipe)
    monkeypatch.setattr(Path, "stat", lambda *_, **__: regular)  # as it was a moment before
    with pytest.raises(FamilyTreesError, match="a device or a pipe"), open_limited(pipe, 10**9, "a model file"):
        pass


def test_a_file_is_read_up_to_a_size(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100)
    assert read_limited(path, 100, "a study file") == b"x" * 100
    with pytest.raises(FamilyTreesError, match=r"file: 100 bytes; a study file may have at most 99$"):
        read_limited(path, 99, "a study file")
    for name in ("a\0b", "a\ud800"):
        with pytest.raises(FamilyTreesError, match="no path of a file"):
            read_limited(Path(name), 99, "a study file")
    with pytest.raises(FamilyTreesError, match="cannot read: No such file"):
        read_limited(tmp_path / "none", 99, "a study file")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no file here grows while it is read")
def test_a_file_that_grows_is_read_up_to_the_same_size() -> None:
    with pytest.raises(FamilyTreesError, match="at most 10 bytes, and this one is growing"):
        read_limited(Path("/proc/self/status"), 10, "a study file")


@pytest.mark.parametrize("name", ["a\ud800", "a\nb", "a\u202eb", "", "x" * 301])
def test_save_refuses_names_that_load_would_refuse(tmp_path: Path, name: str) -> None:
    odd = Task((name, "b"), ("next",), (Triple(name, "next", "b"),))
    model = train(odd, replace(DEFAULT, sweeps=1), held_out=0).model(0)
    path = tmp_path / "m.npz"
    with pytest.raises(FamilyTreesError, match=r"m.npz: this model cannot be saved: people\[0\]: ") as refused:
        save(model, path)
    assert str(refused.value).isprintable()
    assert not path.exists()


def test_save_writes_every_array_in_c_order(model: Model, tmp_path: Path) -> None:
    turned = {connection: np.asfortranarray(w[0])[None] for connection, w in model.weights.items()}
    save(replace(model, weights=turned), tmp_path / "m.npz")
    save(model, tmp_path / "usual.npz")
    assert (tmp_path / "m.npz").read_bytes() == (tmp_path / "usual.npz").read_bytes()
    with zipfile.ZipFile(tmp_path / "m.npz") as archive:
        assert {member.compress_type for member in archive.infolist()} == {zipfile.ZIP_STORED}


def test_huge_weights_are_asked_without_a_warning(tmp_path: Path) -> None:
    for name, write in hostile_archives(SHIPPED.read_bytes(), 0.001):
        if name.startswith("huge"):
            write(tmp_path / "m.npz")
            assert check_usable(tmp_path / "m.npz") == "read, and can be used"


def test_what_a_message_quotes_is_escaped_and_short() -> None:
    assert shown("Colin") == "'Colin'"
    assert shown("a\x1b[2J\u202e\u2028\ud800") == r"'a\x1b[2J\u202e\u2028\ud800'"
    assert shown("x" * 1000) == f"'{'x' * 57}..."
    assert shown([1, "a", None]) == "[1, 'a', None]"
    assert shown([[1]]) == "a list of 1 value"
    assert shown({"a": 1, "b": 2}) == "a table of 2 fields"
    assert shown(10**5000) == "a whole number of 16,610 bits"


def test_the_fuzzer_finds_nothing(tmp_path: Path) -> None:
    """A few hundred files of each kind: a fixed part of what scripts/fuzz_models.py tries."""
    record = Record(tmp_path)
    save(family_model(), tmp_path / "family.npz")
    for path, every in ((SHIPPED, 19), (tmp_path / "family.npz", 101)):
        run_all(path, record, flips=120, draw=random.Random(1986), gigabytes=0.001, every=every)  # noqa: S311
    assert not record.failures
    assert record.ends["bits"]["refused"] > 150
    assert record.ends["bits"]["the same model"] > 10
    assert sum(record.ends["descriptions"].values()) > 180
    assert record.ends["descriptions"]["read, and can be used"] > 2
