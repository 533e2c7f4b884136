"""The notebooks of the lecture: they run, and show what is committed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "scripts" / "lecture").glob("*.ipynb"))


def read(path: Path) -> Any:
    return pytest.importorskip("nbformat").read(path, as_version=4)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_cell_is_committed_with_what_it_shows(path: Path) -> None:
    """Cells were run in order, none failed, and no output holds a path or a time of the machine that ran it."""
    cells = read(path).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == [*range(1, len(code) + 1)]
    assert not [output for cell in code for output in cell.outputs if output.output_type == "error"]
    assert sum(bool(cell.outputs) for cell in code) >= len(code) - 1  # one imports alone
    assert not [cell.metadata for cell in cells if cell.metadata]
    assert "/home/" not in path.read_text(encoding="utf-8")
    assert path.stat().st_size < 300_000


def test_the_lecture_names_its_notebooks() -> None:
    text = (ROOT / "scripts" / "lecture" / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in NOTEBOOKS if f"[{path.name}]({path.name})" not in text] == []
    assert len(NOTEBOOKS) == 3


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebooks_show_what_they_compute(path: Path, tmp_path: Path) -> None:
    pytest.importorskip("nbclient")
    from write_lecture import executed, printed

    committed = printed(read(path))
    assert len(committed) >= 5
    assert printed(executed(path, tmp_path)) == committed


def test_printed_texts_are_joined() -> None:
    output = pytest.importorskip("nbformat.v4").new_output
    from write_lecture import joined, printed

    texts = [
        output("stream", name=name, text=text) for name, text in (("stdout", "a"), ("stdout", "b"), ("stderr", "c"))
    ]
    assert [each.text for each in joined(texts)] == ["ab", "c"]
    assert printed(pytest.importorskip("nbformat.v4").new_notebook()) == []
