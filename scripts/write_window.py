"""Write the map of the window for the page: family_trees/views/explorer/window.json, of the tables in results/studies.

python scripts/write_window.py        after family-trees report-studies
"""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
TABLES = ROOT / "results" / "studies"
TARGET = ROOT / "family_trees" / "views" / "explorer" / "window.json"
KINDS = ("the paper's error", "error signal y - d")
"""The two error signals that were measured, as the tables name them, in the order of the page."""


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a table."""
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def window() -> Mapping[str, Any]:
    """For each error signal, the share of training cases learned, and the bounds that the equations give.

    Epsilons are given as factors of the printed ones. `shares` has a row a factor, and in it a number a range.
    """
    cells, bounds = rows("window.csv"), rows("window-bounds.csv")
    ranges = sorted({float(row["initial_range"]) for row in cells})
    factors = sorted({float(row["epsilon_factor"]) for row in cells})
    (networks,) = {int(row["networks"]) for row in cells}
    kinds = []
    for kind in KINDS:
        share = {
            (float(row["epsilon_factor"]), float(row["initial_range"])): round(float(row["training_share"]), 4)
            for row in cells
            if row["kind"] == kind
        }
        of_kind = {float(row["initial_range"]): row for row in bounds if row["kind"] == kind}
        kinds.append(
            {
                "shares": [[share[factor, reach] for reach in ranges] for factor in factors],
                "smallest": [float(of_kind[reach]["smallest"]) for reach in ranges],
                "largest": [float(of_kind[reach]["largest"]) for reach in ranges],
            }
        )
    return {"ranges": ranges, "factors": factors, "networks": networks, "kinds": kinds}


def main() -> None:
    """Write the file."""
    TARGET.write_text(json.dumps(window(), separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
