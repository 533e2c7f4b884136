"""What each hidden unit of a network encodes, as a table for the terminal or for other programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, get_args

from family_trees.analysis.encoding import CodeLayer, encoding_words
from family_trees.families.relations import RELATIONS

if TYPE_CHECKING:
    import pandas as pd


def units_json(table: pd.DataFrame, threshold: float) -> list[dict[str, object]]:
    """What each unit of one network encodes, for other programs.

    Args:
        table: as `encoding.unit_table` gives it.
        threshold: the least share of variance that counts as encoding.
    """
    rows: list[dict[str, object]] = []
    for (layer, unit), encodes in encoding_words(table, threshold).items():
        of_unit = table[(table["layer"] == layer) & (table["unit"] == unit)].set_index("distinction")
        shares = of_unit[["weights", "activities", "chance"]].round(4).to_dict("index")
        rows.append({"layer": layer, "unit": unit, "encodes": encodes, **{str(k): v for k, v in shares.items()}})
    return rows


def units_text(
    table: pd.DataFrame, threshold: float, layers: Sequence[str] = get_args(CodeLayer), word: str = "unit"
) -> str:
    """What each unit of one network encodes, as a table for the terminal.

    Layers whose names nothing is known of are listed at the end. The other arguments are those of `units_json`.

    Args:
        layers: the layers that the network has.
        word: what a unit is called: a code of a successor has numbers.
    """
    unknown = [name for name in layers if name not in {*table["layer"]}]
    rest = f"{', '.join(unknown)}: nothing is known of the names that could be encoded" if unknown else ""
    if table.empty:
        return f"{rest}; sex, generation, branch and family are, from words such as {', '.join(RELATIONS[:6])}"
    called = encoding_words(table, threshold)
    lines = []
    for name in dict.fromkeys(table["layer"]):
        of_layer = table[table["layer"] == name]
        shares = of_layer.pivot_table(index="unit", columns="distinction", values="weights", sort=False)
        widths = [max(len(str(each)), 5) for each in shares.columns]
        left = max(len("by chance"), len(f"  {word} {len(shares)}"))

        def line(
            head: str, cells: Sequence[object], end: str = "", widths: Sequence[int] = widths, left: int = left
        ) -> str:
            aligned = (str(cell).rjust(width) for cell, width in zip(cells, widths, strict=True))
            return "  ".join([head.ljust(left), *aligned, end]).rstrip()

        of_one = "a unit's weights" if word == "unit" else f"one {word}"
        lines += [f"{name}: share of the variance of {of_one} explained by", line("", list(shares.columns))]
        for number, row in shares.iterrows():
            words = called[name, int(str(number))]
            lines.append(line(f"  {word} {number}", [f"{value:.0%}" for value in row], words and f"encodes {words}"))
        chance = of_layer.groupby("distinction", sort=False)["chance"].first()
        lines += [line("by chance", [f"{value:.0%}" for value in chance]), ""]
    return "\n".join([*lines, rest]).rstrip()
