"""The plan of the house: no import runs up the stairs, no file is too long, and CONTRIBUTING.md has the map.

Every import counts, wherever it stands: at the top of a file, inside a function, under `TYPE_CHECKING`, or as a name in
a text from which a module is imported later (`lazy_attributes`, `import_module`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

import family_trees

PACKAGE = Path(family_trees.__file__).parent
MAP = Path(__file__).parents[1] / "CONTRIBUTING.md"

ROOMS = ("support", "engine", "families", "models", "analysis", "studies", "views", "cli")
"""The rooms from the ground up: each imports from those before it and from its own."""

STAIRS = ("version", *ROOMS[:-1], "face", "__init__", "cli", "__main__")
"""The rooms and the modules at the top of the package: the face uses all rooms but the command line."""

MOST_AT_THE_TOP = 5
"""Modules beside the rooms."""

MAX_LINES = 350
"""Of a file of Python."""

LONGER: Mapping[str, str] = {}
"""The files that may be longer, each with the reason."""


class Import(NamedTuple):
    """One module asks for another; both are named from the package on, such as "engine.network"."""

    importer: str
    imported: str
    line: int
    at_once: bool
    """Whether it is imported with the importer, and not in a function, for types alone, or by a text."""

    def __str__(self) -> str:
        return f"{self.importer}, line {self.line}, imports {self.imported}"


def modules(package: Path) -> dict[str, Path]:
    """The modules of a package by name; that of a room's `__init__.py` is the name of the room."""
    named = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        named[".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)] = path
    return named


def imports(package: Path) -> list[Import]:
    """All imports of modules of the package by one another."""
    known = modules(package)
    return [each for name, path in known.items() for each in _imports_of(name, path, package.name, known)]


def _imports_of(name: str, path: Path, package: str, known: Mapping[str, Path]) -> Iterator[Import]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    here = [package, *path.relative_to(known["__init__"].parent).parent.parts]
    later = {
        id(inner) for outer in ast.walk(tree) if _runs_later(outer) for part in _body(outer) for inner in ast.walk(part)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt | ast.expr):
            continue
        wanted: list[str] = []
        if isinstance(node, ast.Import):
            wanted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = [*here[: len(here) - node.level + 1]] if node.level else []
            base += node.module.split(".") if node.module else []
            wanted = [".".join([*base, alias.name]) for alias in node.names]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # Texts name modules in full, or, where a package imports lazy_attributes, from the package on.
            full = node.value if node.value.startswith(f"{package}.") else f"{package}.{node.value}"
            in_full = full == node.value or path.name == "__init__.py"
            if in_full and full.removeprefix(f"{package}.") in known and "." in node.value:
                yield Import(name, full.removeprefix(f"{package}."), node.lineno, at_once=False)
        for each in wanted:
            if each.split(".")[0] == package:
                yield Import(name, _module_of(each, known), node.lineno, at_once=id(node) not in later)


def _runs_later(node: ast.AST) -> bool:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return True
    return isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}


def _body(node: ast.AST) -> list[ast.AST]:
    """What is not run at once: of a condition only what stands under it, and not under `else`."""
    return [*node.body] if isinstance(node, ast.If) else [node]


def _module_of(dotted: str, known: Mapping[str, Path]) -> str:
    """The module that `dotted` names or stands in."""
    parts = dotted.split(".")[1:]
    while parts and ".".join(parts) not in known:
        parts.pop()
    return ".".join(parts) or "__init__"


def step(module: str) -> int:
    """How far up a module stands."""
    return STAIRS.index(module.split(".")[0])


def homeless(package: Path) -> list[str]:
    """The modules that stand neither in a room nor in their place at the top."""
    return [name for name in modules(package) if name.split(".")[0] not in STAIRS]


def up_the_stairs(package: Path) -> list[Import]:
    """The imports from a room that stands higher."""
    return [each for each in imports(package) if step(each.imported) > step(each.importer)]


def circle(package: Path) -> list[str]:
    """Modules that import each other at once, in a circle; empty if there are none."""
    graph: dict[str, set[str]] = {}
    for each in imports(package):
        if each.at_once and each.imported != each.importer:
            graph.setdefault(each.importer, set()).add(each.imported)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as found:
        return [*found.args[1]]
    return []


def test_no_import_runs_up_the_stairs() -> None:
    assert [str(each) for each in up_the_stairs(PACKAGE)] == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circle(PACKAGE) == []


def test_imports_are_found_at_all() -> None:
    """Of each kind, one that is known: else the tests above would pass without looking."""
    found = {(each.importer, each.imported, each.at_once) for each in imports(PACKAGE)}
    assert ("engine.descent", "engine.network", True) in found
    assert ("models.model", "engine.descent", False) in found  # in a function
    assert ("engine", "engine.network", False) in found  # by `lazy_attributes`, and for types
    assert ("__main__", "cli", True) in found
    assert len(found) > 200


def test_every_module_stands_in_a_room() -> None:
    assert homeless(PACKAGE) == []
    assert len([*PACKAGE.glob("*.py")]) <= MOST_AT_THE_TOP
    assert all((PACKAGE / room).is_dir() for room in ROOMS)


def test_files_are_short() -> None:
    lines = {
        path.relative_to(PACKAGE).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in PACKAGE.rglob("*.py")
    }
    # An exception that is no longer needed goes, too.
    assert {name for name, count in lines.items() if count > MAX_LINES} == {*LONGER}


def test_the_map_names_every_file() -> None:
    """CONTRIBUTING.md has a line for each file of each room, and none for a file that is not there."""
    sections = re.split(
        r"^### `(\w+)/`", MAP.read_text(encoding="utf-8").split("\n## Where does it go?")[0], flags=re.MULTILINE
    )
    assert tuple(sections[1::2]) == ROOMS
    for room, section in zip(sections[1::2], sections[2::2], strict=True):
        named = re.findall(r"^\| `([\w/.]+\.py)` \|", section, re.MULTILINE)
        there = [path.relative_to(PACKAGE / room).as_posix() for path in (PACKAGE / room).rglob("*.py")]
        assert sorted(named) == sorted(name for name in there if not name.endswith("__init__.py")), room


def test_what_the_map_links_to_is_there() -> None:
    """Links, and paths in the code font that begin with a folder of the repository."""
    text = MAP.read_text(encoding="utf-8")
    linked = re.findall(r"\]\(([^)#:]+)\)", text)
    named = re.findall(r"`((?:family_trees|tests|scripts|data|results|\.ci)/[\w./-]*)`", text)
    assert [each for each in {*linked, *named} if not (MAP.parent / each).exists()] == []
    assert len(named) > 20


def test_the_names_that_contributing_tells_are_defined() -> None:
    """A function, class or constant that it names in the code font is defined in the package or in the tests."""
    code = "\n".join(
        path.read_text(encoding="utf-8") for folder in (PACKAGE, MAP.parent / "tests") for path in folder.rglob("*.py")
    )
    where = MAP.read_text(encoding="utf-8").split("\n## Where does it go?")[1]
    named = {*re.findall(r"`(\w*[A-Z_]\w*)(?:\(task\))?`", where), "descend", "evaluate", "styled"}
    assert len(named) > 20
    defined = re.findall(r"^ *(?:def|class) (\w+)|^(\w+)\b(?:: [^=\n]+)? = ", code, re.MULTILINE)
    in_c = re.findall(r"FN\((\w+)\)\(", (PACKAGE / "engine" / "compiled" / "sweep.h").read_text(encoding="utf-8"))
    script = (PACKAGE / "views" / "explorer" / "formulas.js").read_text(encoding="utf-8")
    of_the_page = set(re.findall(r"^export const (\w+) = ", script, re.MULTILINE))
    assert named - of_the_page - set(in_c) - {name for pair in defined for name in pair} == set()


MADE_UP: Mapping[str, str] = {
    "__init__.py": "from p.version import VERSION\n",
    "version.py": "VERSION = '1'\n",
    "support/__init__.py": "",
    "support/files.py": "import os\n",
    "engine/__init__.py": "",
    "engine/network.py": "from p.support.files import os\nfrom p.version import VERSION\n",
    "engine/learning.py": "from . import network\n",
}
"""A package without a fault."""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    package = tmp_path / "p"
    for name, text in MADE_UP.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text, encoding="utf-8")
    return package


def test_a_house_without_a_fault(house: Path) -> None:
    assert up_the_stairs(house) == []
    assert circle(house) == []
    assert Import("engine.learning", "engine.network", 1, at_once=True) in imports(house)


@pytest.mark.parametrize(
    "text",
    [
        "from p.engine.network import x",
        "from p.engine import network",
        "import p.engine.network",
        "from p import engine",
        "from ..engine import network",
        "import p",
        "def f():\n    from p.engine import network",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from p.engine.network import x",
        "import_module('p.engine.network')",
    ],
)
def test_an_import_up_the_stairs_is_found(house: Path, text: str) -> None:
    (house / "support" / "files.py").write_text(text, encoding="utf-8")
    (found,) = up_the_stairs(house)
    assert found.importer == "support.files"
    assert found.imported in {"engine.network", "engine", "__init__"}


def test_a_lazy_name_up_the_stairs_is_found(house: Path) -> None:
    (house / "support" / "__init__.py").write_text(
        "lazy_attributes(__name__, {'forward': 'engine.network'})", encoding="utf-8"
    )
    assert [(each.importer, each.imported) for each in up_the_stairs(house)] == [("support", "engine.network")]


def test_a_module_in_no_room_is_found(house: Path) -> None:
    assert homeless(house) == []
    (house / "shed.py").write_text("", encoding="utf-8")
    assert homeless(house) == ["shed"]


@pytest.mark.parametrize(
    ("text", "is_circle"),
    [
        ("from p.engine import learning", True),
        ("def f():\n    from p.engine import learning", False),
        ("if TYPE_CHECKING:\n    from p.engine import learning", False),
        ("if TYPE_CHECKING:\n    pass\nelse:\n    from p.engine import learning", True),
    ],
)
def test_a_circle_is_found(house: Path, text: str, *, is_circle: bool) -> None:
    (house / "engine" / "network.py").write_text(text, encoding="utf-8")
    assert ({"engine.network", "engine.learning"} <= {*circle(house)}) is is_circle
