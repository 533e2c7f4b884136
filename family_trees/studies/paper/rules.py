"""The rules that judge the claims of the paper.

The paper shows one network of each kind. A claim about such a network is judged by the share of networks that are like
it, and by the 95% interval of that share:

- *replicated* if the whole interval lies above `REPLICATED_ABOVE`,
- *not replicated* if the whole interval lies below `NOT_REPLICATED_BELOW`,
- *undecided* if the interval crosses one of these borders, and fewer than `DECISIVE_NETWORKS` networks were trained,
- *partly* replicated otherwise.

Claims of other kinds have rules of their own, which stand beside them.

The rules were written before the full run, after trials of up to 64 networks of other seeds and, for F1 and F2, after
the studies of the recipes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from family_trees.analysis.encoding import ENCODING_THRESHOLD
from family_trees.engine.recipe import DEFAULT, PUBLISHED, Recipe
from family_trees.models.symmetry import PRINTED_RECIPE, PRINTED_SWEEPS, most_right_without_hidden_units
from family_trees.studies.paper.jobs import Tables
from family_trees.studies.paper.symmetry import GENTLE_EPSILON
from family_trees.studies.paper.verdicts import ClaimKind, Verdict
from family_trees.support.intervals import Interval, bootstrap_mean, difference_interval, wilson
from family_trees.support.prose import UNKNOWN, Prose

if TYPE_CHECKING:
    import pandas as pd

REPLICATED_ABOVE, NOT_REPLICATED_BELOW = 0.5, 0.05
"""A claim is replicated if the interval lies above the first share, and not replicated if it lies below the second."""


DECISIVE_NETWORKS = 200
"""With fewer networks a claim is undecided where the interval crosses a border."""


NEAR_EQUIVALENT_SHARE = 0.75
"""F5: equivalents are near if on average more than this share of the other nation is farther away."""


USEFUL_CORRELATION = 0.5
"""F6: the size of weights predicts their usefulness if the rank correlation of the two is above this."""


IGNORED_BELOW, FEWEST_IGNORING_UNITS = 0.1, 3
"""F3: a unit ignores nationality if nationality explains less than the first share of the variance of its weights. At
least the second number of the other five units must ignore it: that is most of them."""


GRADIENT_TOLERANCE = 1e-6
"""I1: two gradients are equal if they differ by less than this share of the largest one."""


class Judged(NamedTuple):
    """What became of a claim; the fields are those of `ClaimRow`."""

    measure: str
    value: float
    low: float
    high: float
    kind: ClaimKind
    networks: int
    verdict: Verdict
    rule: str
    tried: str


def _prose(**numbers: Any) -> Prose:
    """What is told of the claims, with these numbers."""
    return Prose("family_trees.studies.paper", "claims.txt", numbers)


def usual_rule() -> str:
    """The rule of a claim about one network, in words."""
    return _prose(most=REPLICATED_ABOVE, few=NOT_REPLICATED_BELOW)("rule")


def share_verdict(low: float, high: float, networks: int) -> Verdict:
    """The verdict on a claim about one network, from the interval of the share of networks that are like it."""
    if low > REPLICATED_ABOVE:
        return "replicated"
    if high < NOT_REPLICATED_BELOW:
        return "not replicated"
    undecided = networks < DECISIVE_NETWORKS and (low <= NOT_REPLICATED_BELOW or high >= REPLICATED_ABOVE)
    return "undecided" if undecided else "partly"


def _share(claim: str, texts: Prose, count: int, networks: int) -> Judged:
    """A claim about one network, judged by the share of networks that are like it."""
    measure = texts(claim)
    if not networks:
        return Judged(f"{measure}: none to judge by", 0.0, 0.0, 1.0, "share", 0, "undecided", usual_rule(), "")
    low, high = wilson(count, networks)
    found = share_verdict(low, high, networks)
    tried = "" if found == "replicated" else texts(f"{claim}_tried")
    return Judged(measure, count / networks, low, high, "share", networks, found, usual_rule(), tried)


def s1(tables: Tables) -> Judged:
    """Symmetry is learned, in time and in the paper's form."""
    networks = tables["networks"]
    two = networks[(networks["task"] == "symmetry") & (networks["hidden"] == 2)]
    printed, gentle = (two[two["epsilon"] == epsilon] for epsilon in (PRINTED_RECIPE.epsilon[1], GENTLE_EPSILON))
    in_time, formed = printed["sweeps_to_solve"] <= PRINTED_SWEEPS, printed["as_in_the_paper"].astype(bool)
    solved = int(printed["solved"].sum())
    texts = _prose(
        in_sweeps=PRINTED_SWEEPS,
        in_time=in_time.mean(),
        sweeps=int(printed["sweeps"].max()),
        as_printed=formed.sum() / max(1, solved),
        other_ratio=printed["in_ratio_2_3_4"].astype(bool).sum() / max(1, solved),
        solved=solved / len(printed),
        gentle=gentle["solved"].mean(),
    )
    return _share("S1", texts, int((in_time & formed).sum()), len(printed))


def s2(tables: Tables) -> Judged:
    """Symmetry cannot be learned without a hidden layer."""
    networks = tables["networks"]
    none = networks[(networks["task"] == "symmetry") & (networks["hidden"] == 0)]
    solved = int(none["solved"].sum())
    best, most = int(none["cases_right"].max()), most_right_without_hidden_units()
    sound = solved == 0 and best <= most < 64
    found: Verdict = "replicated" if sound else "not replicated"
    texts = _prose(best=best, most_possible=most)
    share = (solved / len(none), *wilson(solved, len(none)))
    return Judged(texts("S2"), *share, "none", len(none), found, texts("S2_rule"), "")


def f1(tables: Tables) -> Judged:
    """The printed recipe learns the training cases."""
    printed, larger = (_recipe(tables, recipe) for recipe in (PUBLISHED, DEFAULT))
    texts = _prose(
        larger_learned=(larger["training_right"] == larger["training_cases"]).mean(),
        larger_networks=len(larger),
        larger_right=larger["training_right"].mean(),
    )
    return _share("F1", texts, int((printed["training_right"] == printed["training_cases"]).sum()), len(printed))


def f2(tables: Tables) -> Judged:
    """The held-out cases are answered right."""
    own = _recipe(tables, DEFAULT)
    wrong = own["held_out_cases"] - own["held_out_right"]
    texts = _prose(right=own["held_out_right"].mean(), one_or_two_wrong=wrong.isin((1, 2)).mean())
    return _share("F2", texts, int((own["held_out_right"] == own["held_out_cases"]).sum()), len(own))


def _recipe(tables: Tables, recipe: Recipe) -> pd.DataFrame:
    networks = tables["networks"]
    return networks[networks["recipe"] == recipe.name]


def f3(tables: Tables) -> Judged:
    """One unit tells the nations apart, and most others ignore them."""
    one = tables["nationality"].groupby("network")["weights"].max() >= ENCODING_THRESHOLD
    like_it = tells_nations(tables)
    texts = _prose(
        one=one.mean(),
        ignoring=FEWEST_IGNORING_UNITS,
        ignores=IGNORED_BELOW,
        by_threshold=_by_threshold(tables, "nationality"),
    )
    return _share("F3", texts, int(like_it.sum()), len(like_it))


def tells_nations(tables: Tables) -> pd.Series[bool]:
    """F3: whether a network, by its number, has a unit for nationality, and most others that ignore it."""
    by_network = tables["nationality"].groupby("network")["weights"]
    ignoring = by_network.apply(lambda shares: int((shares < IGNORED_BELOW).sum())) >= FEWEST_IGNORING_UNITS
    return (by_network.max() >= ENCODING_THRESHOLD) & ignoring


def _by_threshold(tables: Tables, distinction: str) -> str:
    """The share of networks that have a unit of the person code for the distinction, at other thresholds."""
    table = tables["thresholds"]
    own = table[(table["layer"] == "person code") & (table["distinction"] == distinction)]
    shares = dict(zip(own["threshold"], own["weights"], strict=True))
    return ", ".join(f"{shares[threshold]:.0%} (at {threshold:.0%})" for threshold in (0.3, 0.7, 0.9))


def f4(tables: Tables) -> Judged:
    """One unit encodes the generation, another one the branch."""
    shares, like_it = _best_in_code(tables, "weights") >= ENCODING_THRESHOLD, tells_generation_and_branch(tables)
    texts = _prose(
        generation=shares["generation"].mean(),
        branch=shares["branch"].mean(),
        generation_by_threshold=_by_threshold(tables, "generation"),
        branch_by_threshold=_by_threshold(tables, "branch"),
    )
    return _share("F4", texts, int(like_it.sum()), len(like_it))


def tells_generation_and_branch(tables: Tables) -> pd.Series[bool]:
    """F4: whether a network, by its number, has a unit for generation and another one for branch."""
    encoded, units = _best_in_code(tables, "weights") >= ENCODING_THRESHOLD, _best_in_code(tables, "unit")
    return encoded["generation"] & encoded["branch"] & (units["generation"] != units["branch"])


def _best_in_code(tables: Tables, column: str) -> pd.DataFrame:
    """Of the best unit of the person code: a row a network, a column a distinction."""
    best = tables["best-units"]
    own = best[best["layer"] == "person code"]
    return own.pivot_table(index="network", columns="distinction", values=column)


def f5(tables: Tables) -> Judged:
    """Codes of equivalents are alike."""
    own = tables["networks"].dropna(subset="equivalents_nearer")
    near = own["equivalents_nearer"]
    texts = _prose(
        near=NEAR_EQUIVALENT_SHARE,
        mean=near.mean(),
        without=own["equivalents_nearer_without_nationality"].mean(),
        distance=own["distance_to_equivalents"].mean(),
        distance_without=own["distance_to_equivalents_without_nationality"].mean(),
    )
    return _share("F5", texts, int((near > NEAR_EQUIVALENT_SHARE).sum()), len(near))


def near_equivalents(tables: Tables) -> pd.Series[bool]:
    """F5: whether equivalents are near in a network, by its number."""
    near = tables["networks"].dropna(subset="equivalents_nearer").set_index("network")["equivalents_nearer"]
    return near > NEAR_EQUIVALENT_SHARE


def f6(tables: Tables) -> Judged:
    """The size of a weight tells its usefulness."""
    networks = tables["networks"]
    rho, without = (networks[f"usefulness_of_weights{ending}"] for ending in ("", "_without_decay"))
    shares = {
        name: (values.dropna() > USEFUL_CORRELATION).mean()
        for name, values in (
            ("share_without_decay", without),
            ("share_units", networks["usefulness_of_units"]),
            ("share_units_without_decay", networks["usefulness_of_units_without_decay"]),
        )
    }
    texts = _prose(
        tells=USEFUL_CORRELATION,
        rho=rho.mean(),
        rho_without_decay=without.mean(),
        networks_without_decay=without.notna().sum(),
        gain=gain_by_decay(networks),
        **shares,
    )
    return _share("F6", texts, int((rho > USEFUL_CORRELATION).sum()), int(rho.notna().sum()))


def gain_by_decay(networks: pd.DataFrame) -> str:
    """F6: by how much decay raises the rank correlation on the same networks, with its interval, in words."""
    paired = (networks["usefulness_of_weights"] - networks["usefulness_of_weights_without_decay"]).dropna()
    if not len(paired):
        return UNKNOWN
    low, high = bootstrap_mean(paired)
    return f"{paired.mean():+.2f} ({low:+.2f} to {high:+.2f})"


def i1(tables: Tables) -> Judged:
    """Iterative nets learn by averaged gradients."""
    steps = tables["steps"]
    shortest = steps.iloc[0]
    worst = float(steps["gradient_error"].max())
    texts = _prose(
        first=int(shortest["steps"]),
        last=int(steps["steps"].iloc[-1]),
        shares=", ".join(f"{row['share_learned']:.0%}" for row in steps.to_dict("records")),
        worst=worst,
        same=GRADIENT_TOLERANCE,
        rule=usual_rule(),
    )
    found = _share("I1", texts, int(shortest["learned"]), int(shortest["networks"]))._replace(rule=texts("I1_rule"))
    return found if worst < GRADIENT_TOLERANCE else found._replace(verdict="not replicated")


def l1(tables: Tables) -> Judged:
    """A few more connections open paths round poor minima."""
    few, more = (_solved(tables, GENTLE_EPSILON, hidden) for hidden in (2, 4))
    few_printed, more_printed = (_solved(tables, PRINTED_RECIPE.epsilon[1], hidden) for hidden in (2, 4))
    low, high = _difference(more, few)
    found: Verdict = "partly" if min(few[1], more[1]) >= DECISIVE_NETWORKS else "undecided"
    if not low <= 0 <= high:
        found = "replicated" if low > 0 else "not replicated"
    poor = few[1] - few[0]
    texts = _prose(
        more=more[0] / more[1],
        fewer=few[0] / few[1],
        poor=poor,
        networks=few[1],
        poor_rare=wilson(poor, few[1]).high < NOT_REPLICATED_BELOW,
        printed_more=more_printed[0] / more_printed[1],
        printed_fewer=few_printed[0] / few_printed[1],
        printed_worse=_difference(more_printed, few_printed).high < 0,
    )
    tried = "" if found == "replicated" else texts("L1_tried")
    share = (more[0] / more[1] - few[0] / few[1], low, high)
    return Judged(texts("L1"), *share, "difference", few[1] + more[1], found, texts("L1_rule"), tried)


def _difference(one: tuple[int, int], other: tuple[int, int]) -> Interval:
    """The interval of the difference of two shares; of each, how many solved the task, and how many there are."""
    (solved, of), (others_solved, of_others) = one, other
    return difference_interval((solved, others_solved), (of, of_others))


def _solved(tables: Tables, epsilon: float, hidden: int) -> tuple[int, int]:
    """How many networks solve the symmetry task, and how many there are."""
    networks = tables["networks"]
    own = networks[(networks["task"] == "symmetry") & (networks["epsilon"] == epsilon) & (networks["hidden"] == hidden)]
    return int(own["solved"].sum()), len(own)
