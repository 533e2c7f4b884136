"""What each hidden unit of a network encodes, as a table for the terminal or for other programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, get_args

from family_trees.analysis.encoding import CodeLayer, encoding_words
from family_trees.families.relations import RELATIONS
from family_trees.support.wording import aligned

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
        of_one = "a unit's weights" if word == "unit" else f"one {word}"
        chance = of_layer.groupby("distinction", sort=False)["chance"].first()
        rows = [["", *map(str, shares.columns)]]
        rows += [[f"  {word} {number}", *(f"{value:.0%}" for value in row)] for number, row in shares.iterrows()]
        rows.append(["by chance", *(f"{value:.0%}" for value in chance)])
        words = ["", *(called[name, int(str(number))] for number in shares.index), ""]
        lines.append(f"{name}: share of the variance of {of_one} explained by")
        table_lines = zip(aligned(rows, least=5), words, strict=True)
        lines += [*(f"{line}  encodes {what}" if what else line for line, what in table_lines), ""]
    return "\n".join([*lines, rest]).rstrip()
