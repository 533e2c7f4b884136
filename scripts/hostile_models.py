"""Hostile model files, for `fuzz_models.py` and the tests: descriptions and archives that nobody should be hurt by."""

from __future__ import annotations

import copy
import io
import json
import os
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

Write: TypeAlias = Callable[[Path], object]
"""Writes a file to a path."""

RAW = "@raw {} raw@"
"""A text that stands for a piece of JSON that Python cannot write."""


HOSTILE: dict[str, Any] = {
    "null": None,
    "true": True,
    "false": False,
    "0": 0,
    "1": 1,
    "-1": -1,
    "6.0": 6.0,
    "0.5": 0.5,
    "1e308": 1e308,
    "NaN": float("nan"),
    "Infinity": float("inf"),
    "-Infinity": float("-inf"),
    "1e999": RAW.format("1e999"),
    "10**9": 10**9,
    "2**63": 2**63,
    "2**128": 2**128,
    "10**400": 10**400,
    "10**5000": RAW.format("1" + "0" * 5000),
    "empty": "",
    "blank": "  ",
    "x": "x",
    "301 letters": "x" * 301,
    "a million letters": "x" * 1_000_000,
    "NUL": "a\0b",
    "escape": "\x1b[2J",
    "newline": "a\nb",
    "C1": "a\x9b2Jb",
    "direction": "\u202eab",
    "isolate": "\u2066ab",
    "line separator": "a\u2028b",
    "lone surrogate": "a\ud800",
    "arrow": "a -> b",
    "mathtext": r"$\frac{$",
    "script": "<script>alert(1)</script>",
    "formula": "=1+1",
    "path": "../../x",
    "%s": "%s{0}",
    "[]": [],
    "[[]]": [[]],
    "{}": {},
    "a field": {"a": 1},
    "[1]": [1],
    "[null]": [None],
    "['a']": ["a"],
    "3 lists": [[1, 2], [3], []],
    "100,000 ones": [1] * 100_000,
    "deep": RAW.format("[" * 100_000 + "]" * 100_000),
    "half a bracket": RAW.format("[1"),
}
"""Values that may stand in any field, by their names."""


def _as_format_2(about: bytes) -> bytes:
    """The description of a model file as format 2 has it, which knows no fingerprint."""
    description = json.loads(np.load(io.BytesIO(about)).tobytes())
    description |= {"format_version": 2}
    for key in ("arithmetic", "fingerprint"):
        del description[key]
    return npy(np.frombuffer(json.dumps(description).encode(), dtype=np.uint8))


def with_about(path: Path, arrays: dict[str, Any], about: Any) -> None:
    """Write a model file with another description."""
    text = re.sub('"@raw (.*?) raw@"', lambda found: json.loads(f'"{found[1]}"'), json.dumps(about))
    np.savez(path, **{**arrays, "about": np.frombuffer(text.encode(), dtype=np.uint8)})


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths to all fields of a description. Of a long list, only the first and the last value are visited."""
    if path:
        yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    elif isinstance(value, list) and value:
        for k in sorted({0, len(value) - 1}):
            yield from places(value[k], (*path, k))


def hostile_abouts(about: dict[str, Any]) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Descriptions with one fault each: their names, and what makes them."""
    for path in places(about):
        where = ".".join(map(str, path))
        for name, value in HOSTILE.items():
            yield f"{where} = {name}", partial(_changed, about, path, partial(_set, value))
        yield f"{where} missing", partial(_changed, about, path, _remove)
        yield f"{where} twice", partial(_changed, about, path, _double)
    for name, value in HOSTILE.items():
        yield f"all = {name}", partial(copy.copy, value)
    layers = about["architecture"]
    copies = [{**layers[2], "name": f"copy {k}", "copies": "person code"} for k in range(90)]
    yield "90 copies", lambda: {**about, "architecture": [*layers[:-1], *copies, layers[-1]]}
    yield "half a million layers", lambda: {**about, "architecture": layers * 70_000}
    yield "400,000 people", lambda: {**about, "people": [f"P{k}" for k in range(400_000)]}
    yield "half a million facts", lambda: {**about, "triples": about["triples"][:1] * 500_000}


def _changed(about: dict[str, Any], path: tuple[Any, ...], change: Callable[[Any, Any], None]) -> Any:
    inside = changed = copy.deepcopy(about)
    for key in path[:-1]:
        inside = inside[key]
    change(inside, path[-1])
    return changed


def _set(value: Any, inside: Any, key: Any) -> None:
    inside[key] = value


def _remove(inside: Any, key: Any) -> None:
    del inside[key]


def _double(inside: Any, key: Any) -> None:
    if isinstance(inside, list):
        inside.insert(key, inside[key])
    else:  # the raw text of the value is followed by the field once more
        inside[key] = RAW.format(f"{json.dumps(inside[key])}, {json.dumps(key)}: {json.dumps(inside[key])}")


def npy(array: Any) -> bytes:
    """An array as the bytes of a `.npy` file."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def header(text: str, length: int | None = None, version: bytes = b"\1\0") -> bytes:
    """A `.npy` file with any header, and with 1152 bytes of zeros as its numbers."""
    raw = text.encode() + b"\n"
    return b"\x93NUMPY" + version + (len(raw) if length is None else length).to_bytes(2, "little") + raw + bytes(1152)


WEIGHTS = "weights person -> person code.npy"


def hostile_members(shape: tuple[int, int]) -> dict[str, bytes]:
    """Contents that may stand in place of one array of weights, by their names."""
    plain = "{'descr': '<f8', 'fortran_order': False, 'shape': (%s), }"
    return {
        "Fortran order": npy(np.asfortranarray(np.random.default_rng(0).normal(size=shape))),
        "objects": header("{'descr': '|O', 'fortran_order': False, 'shape': (24, 6), }"),
        "records": npy(np.zeros(shape, dtype=[("a", "<f8")])),
        **{kind: npy(np.zeros(shape, dtype=kind)) for kind in (">f8", "<f2", "<c16", "|b1", "<U4", "<M8[s]")},
        **{f"all {value}": npy(np.full(shape, value)) for value in (np.nan, np.inf)},
        **{
            f"shape {s}": header(plain % s)
            for s in ("", "0,", "-24, 6", "24, 6, 1", "9" * 18, "99999, 99999", "1, " * 40)
        },
        "deep header": header("(" * 60_000),
        "code in the header": header("__import__('os').system('true')"),
        "longest header": header(plain % "24, 6", 65_535),
        "version 2": header(plain % "24, 6", version=b"\2\0"),
        "too few numbers": npy(np.zeros(shape))[:-8],
        "too many numbers": npy(np.zeros(shape)) + bytes(8),
        "nothing": b"",
    }


def hostile_archives(raw: bytes, gigabytes: float) -> Iterator[tuple[str, Write]]:
    """Ways to write a hostile archive, by their names."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        members = {member.filename: archive.read(member) for member in archive.infolist()}
    shape = np.load(io.BytesIO(members[WEIGHTS])).shape

    def archive_of(files: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> Write:
        def write(path: Path) -> None:
            with zipfile.ZipFile(path, "w", method) as file:
                for name, each in files.items():
                    file.writestr(name, each)

        return write

    def bomb(name: str, size: float) -> Write:
        def write(path: Path) -> None:
            archive_of(_without(members, name))(path)
            member = zipfile.ZipInfo(name)
            member.compress_type = zipfile.ZIP_DEFLATED
            with zipfile.ZipFile(path, "a") as file, file.open(member, "w", force_zip64=True) as inside:
                inside.write(header(f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}"))
                for _ in range(round(size * 1000)):
                    inside.write(bytes(1_000_000))

        return write

    def content(changed: bytes) -> Write:
        return lambda path: path.write_bytes(changed)

    yield "bomb beside the others", bomb("extra.npy", gigabytes)
    for name in ("about.npy", WEIGHTS, "curve sweep.npy"):
        yield f"bomb as {name}", bomb(name, gigabytes / 20)
    for name, each in hostile_members(shape).items():
        yield name, archive_of({**members, WEIGHTS: each})
    for name in ("extra.npy", "../../extra.npy", "extra.txt", "x" * 60_000 + ".npy", "\x1b[2J.npy", "curve error.npy"):
        yield f"member {name[:12]!a}", archive_of({**members, name: npy(np.zeros(3))})
    for name in members:
        yield f"without {name}", archive_of(_without(members, name))
    kept = {name: each for name, each in members.items() if not name.startswith("trajectory")}
    for value in (1e308, -1e308):  # as an earlier version wrote it, without a fingerprint
        signs = np.where(np.arange(np.prod(shape)) % 2, value, -value).reshape(shape)
        yield (
            f"huge weights {value}",
            archive_of({**kept, WEIGHTS: npy(signs), "about.npy": _as_format_2(members["about.npy"])}),
        )
    yield "compressed", archive_of(members, zipfile.ZIP_DEFLATED)
    yield "twenty thousand members", archive_of({**members, **{f"{k}.npy": b"" for k in range(20_000)}})
    yield "two of one name", content(_twice(members))
    yield "a member that swallows others", content(_swallowing(raw))
    yield "two lengths of one content", content(_overlapping(raw))
    yield "a comment", content(raw[:-2] + b"\3\0abc")
    yield "a second end", content(raw[:-22] + b"PK\6\7" + bytes(16) + raw[-22:])
    yield "bytes before", content(bytes(100) + raw)
    yield "bytes after", content(raw + bytes(100))
    yield "nothing at all", content(b"")
    if hasattr(os, "mkfifo"):
        yield "a pipe", os.mkfifo
        yield "a link to a device", lambda path: path.symlink_to("/dev/zero")
        yield "a link to itself", lambda path: path.symlink_to(path)
    yield "a directory", Path.mkdir
    yield "a file of three gigabytes", _write_sparse


def _swallowing(raw: bytes) -> bytes:
    """The archive, with the entries of the course of learning as the comment of the entry before them."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        names = archive.namelist()
    starts = [found.start() for found in re.finditer(b"PK\1\2", raw)][-len(names) :]
    first = names.index("trajectory sweeps.npy")
    comment = starts[first - 1] + 32  # where the length of the comment stands
    return raw[:comment] + (len(raw) - 22 - starts[first]).to_bytes(2, "little") + raw[comment + 2 :]


def _write_sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 3_000_000_000)


def _without(members: dict[str, bytes], name: str) -> dict[str, bytes]:
    return {each: content for each, content in members.items() if each != name}


def _twice(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, content in (*members.items(), (WEIGHTS, members[WEIGHTS])):
            archive.writestr(name, content)
    return file.getvalue()


def _overlapping(raw: bytes) -> bytes:
    """The archive, with the last member of the list at the place of the first."""
    at = raw.rindex(b"PK\1\2")
    return raw[: at + 42] + bytes(4) + raw[at + 46 :]
