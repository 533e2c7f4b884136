"""What the article tells of the studies: from their numbers, and from the tables beside them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from family_trees.support.errors import FamilyTreesError
from family_trees.views.report.found import Found

if TYPE_CHECKING:
    import pandas as pd

PENALTY_NEEDED, DECAY_NOT_ENOUGH = (
    "matrices without the penalty",
    "network of 1986, softmax answers, five times the decay",
)
"""What lacks either the penalty or the architecture of the matrices."""

LARGER_FACTOR = 5
"""Steps at least so many times as large as printed are "larger" in the study of the smallest change."""


def study_numbers(what: Found) -> dict[str, Any]:
    """What the sections tell of the studies, by name; without studies, that nothing is shown."""
    if what.studies is None:
        return {"losing": False, "twin_counts": False, "successor_better": False, "backwards": False}
    numbers = what.studies.numbers
    recipe, inferred, own = (numbers[name] for name in ("printed-recipe", "inferred", "successors"))
    with_twin, without = inferred["taught"]["each-case"], inferred["no_twin"]["each-case"]
    best, old = own["learners"][0], own["learners"][-1]
    return {
        "losing": recipe["lowest_lose"] > 0.5 and max(each["most"] for each in recipe["race"]) < 1,
        "failure_predicted": recipe["below"],
        "twin": with_twin[0],
        "no_twin": without[0],
        "twin_sweeps": inferred["sweeps"],
        "once": inferred["once"]["r"],
        "often": inferred["often"]["r"],
        "often_networks": inferred["often"]["networks"],
        "promises_too_much": recipe["hopeful_wide"] > 0 and recipe["printed_most"] < recipe["learns"],
        "twin_counts": with_twin[1] > without[2],
        "matrices": best["held_out_share_rank"][0],
        "old": old["held_out_share_rank"][0],
        "best_recipe": own.get("best_recipe"),
        **_of_answers(own),
        **_of_decay(what, recipe["learns"]),
        **_of_directions(own),
        "successor_better": best["held_out_share_rank"][1] > old["held_out_share_rank"][2]
        and all(
            own["decides"][name]["by_rank"]["26"][2] < own["decides"]["matrices"]["by_rank"]["26"][1]
            for name in (PENALTY_NEEDED, DECAY_NOT_ENOUGH)
        ),
    }


def _of_answers(own: Mapping[str, Any]) -> dict[str, Any]:
    """Of the points between matrices and the network of 1986 with more decay, how many one code for a person makes."""
    whole, two_codes, decayed = (
        own["decides"][name]["by_rank"]["26"]
        for name in ("matrices", "matrices with other codes as answers", DECAY_NOT_ENOUGH)
    )
    return {
        "one_code_points": whole[0] - two_codes[0],
        "all_points": whole[0] - decayed[0],
        "one_code_counts": two_codes[2] < whole[1] and decayed[2] < two_codes[1],
    }


def _of_directions(own: Mapping[str, Any]) -> dict[str, Any]:
    """How often the network of 1986 infers a case, with and without the facts that state it backwards."""
    both = own["both_ways"]["network of 1986"]["held_out_share_rank"]
    one = next(row for row in own["sizes"] if row["held_out"] == 1)["of"]["network of 1986"]["held_out_share_rank"]
    return {"without_inverse": both[0], "alone": one[0], "backwards": both[1] <= one[2] and one[1] <= both[2]}


def _of_decay(what: Found, learns: float) -> dict[str, Any]:
    """What larger steps, no decay and more sweeps do; and how good it is always to say that nothing is learned."""
    pairs = _table(what, "pairs").set_index("change")["share_learned"]
    departures = _table(what, "departures").set_index("change")
    alone = departures.loc[["no decay"]]
    window, steps = _table(what, "window"), _table(what, "smallest-change")
    parts = steps["recipe"].str.extract(
        r"^squared, epsilon_factor (?P<factor>[\d.]+), initial_range (?P<range>[\d.]+)$"
    )
    learn = parts[(parts["factor"].astype(float) >= LARGER_FACTOR) & (steps["share_learned"] > 0)]
    return {
        "undecayed": float(pairs["no decay"]),
        "undecayed_cases": float(alone["training_share"].iloc[0]),
        "undecayed_networks": int(alone["networks"].iloc[0]),
        "undecayed_longer": float(pairs["no decay + 5,000 sweeps"]),
        "longer": float(pairs["5,000 sweeps"]),
        "no_is_right": int((window["training_share"] < learns).sum()),
        "larger_from": float(learn["range"].astype(float).min()),
    }


def _table(what: Found, name: str) -> pd.DataFrame:
    """A table that lies beside the numbers of the studies.

    Raises:
        FamilyTreesError: it does not.
    """
    import pandas as pd

    path = (what.studies.directory if what.studies else Path()) / f"{name}.csv"
    if not path.is_file():
        raise FamilyTreesError(f"{path}: not there; 'family-trees report-studies' writes it")
    return pd.read_csv(path)
