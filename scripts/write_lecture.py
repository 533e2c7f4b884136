"""Run the notebooks of scripts/lecture/ again, and write them with what they show.

    python scripts/write_lecture.py [NAME.ipynb ...]

Needs the packages of the tests: pip install -e '.[test]'.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
LECTURE = ROOT / "scripts" / "lecture"


def executed(path: Path, folder: Path) -> Any:
    """A notebook with its outputs, run in a folder.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell fails.
    """
    import nbclient
    import nbformat

    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(ROOT)
    try:
        where = {"metadata": {"path": str(folder)}}
        nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3", resources=where).execute()
    finally:
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before
    for number, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), start=1):
        cell.execution_count = number
        cell.metadata.clear()  # it holds times
        # A bar of progress tells how long this machine took.
        lasting = [each for each in cell.outputs if "<progress" not in str(each.get("data", {}).get("text/html"))]
        cell.outputs = joined(lasting)
        for output in cell.outputs:
            output.pop("execution_count", None)
            if output.output_type == "execute_result":
                output.execution_count = number
    notebook.metadata = {"kernelspec": notebook.metadata.kernelspec, "language_info": {"name": "python"}}
    return notebook


def joined(outputs: list[Any]) -> list[Any]:
    """Outputs in which what is printed is one text: how it is cut into pieces depends on the time."""
    found: list[Any] = []
    for each in outputs:
        if found and each.output_type == found[-1].output_type == "stream" and each.name == found[-1].name:
            found[-1].text += each.text
        else:
            found.append(each)
    return found


def printed(notebook: Any) -> list[str]:
    """What the cells of a notebook print: the same on every machine."""
    return [output.text for cell in notebook.cells for output in cell.get("outputs", []) if "text" in output]


def main() -> None:
    """Run all notebooks, or those that are named."""
    import nbformat

    for path in [LECTURE / name for name in sys.argv[1:]] or sorted(LECTURE.glob("*.ipynb")):
        with tempfile.TemporaryDirectory() as folder:
            nbformat.write(executed(path, Path(folder)), path)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
