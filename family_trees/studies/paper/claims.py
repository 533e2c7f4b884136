"""The claims of the paper, and the rules that judge each of them.

The paper shows one network of each kind. A claim about such a network is judged by the share of networks that are like
it, and by the 95% interval of that share:

- *replicated* if the whole interval lies above `REPLICATED_ABOVE`,
- *not replicated* if the whole interval lies below `NOT_REPLICATED_BELOW`,
- *undecided* if the interval crosses one of these borders, and fewer than `DECISIVE_NETWORKS` networks were trained,
- *partly* replicated otherwise.

Claims of other kinds have rules of their own, which stand beside them.

The rules were written before the full run: after trials of up to 64 networks of other seeds and, for F1 and F2, after
the studies of the recipes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from family_trees.analysis.encoding import ENCODING_THRESHOLD
from family_trees.engine.recipe import DEFAULT, PUBLISHED, Recipe
from family_trees.models.symmetry import PRINTED, PRINTED_SWEEPS, most_right_without_hidden_units
from family_trees.studies.paper.jobs import ExperimentName, Tables
from family_trees.studies.paper.symmetry import GENTLE_EPSILON
from family_trees.studies.paper.verdicts import ClaimKind, ClaimRow, Verdict
from family_trees.support.errors import FamilyTreesError
from family_trees.support.intervals import bootstrap_mean, difference, wilson
from family_trees.support.wording import number

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
"""I1: two gradients are equal if they differ by less than this share of the largest derivative."""


class _Claim(NamedTuple):
    """A claim, its source in the paper, and the experiment that judges it."""

    id: str
    claim: str
    source: str
    experiment: ExperimentName
    figure: str
    judge: Callable[[Tables], _Judged]


class _Judged(NamedTuple):
    """What a claim is judged to be: the last fields of its `ClaimRow`, but for figure and command."""

    measure: str
    value: float
    low: float
    high: float
    kind: ClaimKind
    networks: int
    verdict: Verdict
    rule: str
    tried: str


SHARE_RULE = (
    f"replicated if the interval lies above {REPLICATED_ABOVE:.0%}, "
    f"not if it lies below {NOT_REPLICATED_BELOW:.0%}, else partly"
)
"""The rule of the claims about one network, as the results state it."""


def share_verdict(low: float, high: float, networks: int) -> Verdict:
    """The verdict on a claim about one network.

    Args:
        low: the lower end of the interval of the share of networks that are like it; likewise `high`.
        networks: how many networks were trained.
    """
    if low > REPLICATED_ABOVE:
        return "replicated"
    if high < NOT_REPLICATED_BELOW:
        return "not replicated"
    undecided = networks < DECISIVE_NETWORKS and (low <= NOT_REPLICATED_BELOW or high >= REPLICATED_ABOVE)
    return "undecided" if undecided else "partly"


def judge_claims(tables: Mapping[ExperimentName, Tables]) -> list[ClaimRow]:
    """The claims that the given experiments can judge; all four experiments judge all ten claims.

    Args:
        tables: the tables of each experiment.
    """
    rows = []
    for claim in CLAIMS:
        if claim.experiment in tables:
            judged = claim.judge(tables[claim.experiment])
            again = f"family-trees claims {claim.id} --again"
            rows.append(ClaimRow(claim.id, claim.claim, claim.source, *judged, claim.figure, again))
    return rows


def experiments_of(ids: Sequence[str]) -> list[ExperimentName]:
    """The experiments that judge the claims `ids`.

    Raises:
        FamilyTreesError: there is no such claim.
    """
    known = {claim.id: claim.experiment for claim in CLAIMS}
    for each in ids:
        if each.upper() not in known:
            raise FamilyTreesError(f"no claim {each!r}; there are {', '.join(known)}")
    return list(dict.fromkeys(known[each.upper()] for each in ids))


def _share(measure: str, count: int, networks: int, tried: str) -> _Judged:
    """A claim about one network, judged by the share of networks that are like it."""
    if not networks:
        return _Judged(f"{measure}: none to judge by", 0.0, 0.0, 1.0, "share", 0, "undecided", SHARE_RULE, "")
    low, high = wilson(count, networks)
    found = share_verdict(low, high, networks)
    return _Judged(
        measure,
        count / networks,
        low,
        high,
        "share",
        networks,
        found,
        SHARE_RULE,
        "" if found == "replicated" else tried,
    )


def _s1(tables: Tables) -> _Judged:
    networks = tables["networks"]
    two = networks[(networks["task"] == "symmetry") & (networks["hidden"] == 2)]
    printed, gentle = (two[two["epsilon"] == epsilon] for epsilon in (PRINTED.epsilon[1], GENTLE_EPSILON))
    in_time, formed = printed["sweeps_to_solve"] <= PRINTED_SWEEPS, printed["as_in_the_paper"].astype(bool)
    solved, sweeps = int(printed["solved"].sum()), int(printed["sweeps"].max())
    forms = [formed.sum() / max(1, solved), printed["in_ratio_2_3_4"].astype(bool).sum() / max(1, solved)]
    return _share(
        f"networks of the printed numbers that have all 64 vectors right within {PRINTED_SWEEPS:,} sweeps "
        f"({in_time.mean():.0%} do) and, after {sweeps:,}, the form of the paper ({forms[0]:.0%} of all solutions then "
        f"have it; {forms[1]:.0%} have a ratio of 2 : 3 : 4 instead)",
        int((in_time & formed).sum()),
        len(printed),
        f"more sweeps: {solved / len(printed):.0%} have solved it after {sweeps:,}; steps of a fifth of the printed: "
        f"{gentle['solved'].mean():.0%}",
    )


def _s2(tables: Tables) -> _Judged:
    networks = tables["networks"]
    none = networks[(networks["task"] == "symmetry") & (networks["hidden"] == 0)]
    solved = int(none["solved"].sum())
    low, high = wilson(solved, len(none))
    best, most = int(none["cases_right"].max()), most_right_without_hidden_units()
    sound = solved == 0 and best <= most < 64
    return _Judged(
        f"networks without hidden units that have all 64 vectors right; the most that one has is {best}, and more than "
        f"{most} cannot be had: two symmetric vectors that turn a single unit on turn it on for others, too",
        *(solved / len(none), low, high),
        "none",
        len(none),
        "replicated" if sound else "not replicated",
        "replicated if no network does it, and none has more right than the argument allows",
        "",
    )


def _f1(tables: Tables) -> _Judged:
    printed, default = (_recipe(tables, recipe) for recipe in (PUBLISHED, DEFAULT))
    of_default = (default["training_right"] == default["training_cases"]).mean()
    return _share(
        "networks of the printed recipe with all 100 training cases right after 1500 sweeps",
        int((printed["training_right"] == printed["training_cases"]).sum()),
        len(printed),
        "ten initial ranges, 28 departures alone and 74 pairs (results/studies/README.md). Larger steps, which are "
        f"enough, bring {of_default:.0%} of {len(default)} networks to all 100, and the mean network to "
        f"{default['training_right'].mean():.0f}",
    )


def _f2(tables: Tables) -> _Judged:
    default = _recipe(tables, DEFAULT)
    return _share(
        "networks with all four held-out cases right, after 1500 sweeps of larger steps "
        f"({default['held_out_right'].mean():.2f} of 4 are right on average)",
        int((default["held_out_right"] == default["held_out_cases"]).sum()),
        len(default),
        "more sweeps, 296 recipes, committees (results/studies/README.md): all bring more held-out cases, none all "
        "four in most networks",
    )


def _recipe(tables: Tables, recipe: Recipe) -> pd.DataFrame:
    networks = tables["networks"]
    return networks[networks["recipe"] == recipe.name]


def _f3(tables: Tables) -> _Judged:
    by_network = tables["nationality"].groupby("network")["weights"]
    one = by_network.max() >= ENCODING_THRESHOLD
    ignoring = by_network.apply(lambda shares: int((shares < IGNORED_BELOW).sum())) >= FEWEST_IGNORING_UNITS
    return _share(
        "networks with a unit of the person code in which nationality explains half of the variance of the weights or "
        f"more ({one.mean():.0%}), and at least {FEWEST_IGNORING_UNITS} in which it explains less than "
        f"{IGNORED_BELOW:.0%}. By other thresholds, such a unit is there in {_by_threshold(tables, 'nationality')}",
        int((one & ignoring).sum()),
        len(one),
        "other thresholds, see there",
    )


def _by_threshold(tables: Tables, distinction: str) -> str:
    """The share of networks that have a unit of the person code for the distinction, at other thresholds."""
    table = tables["thresholds"]
    rows = table[(table["layer"] == "person code") & (table["distinction"] == distinction)]
    shares = dict(zip(rows["threshold"], rows["weights"], strict=True))
    return ", ".join(f"{shares[threshold]:.0%} (at {threshold:.0%})" for threshold in (0.3, 0.7, 0.9))


def _f4(tables: Tables) -> _Judged:
    best = tables["best-units"]
    of_code = best[best["layer"] == "person code"]
    shares, units = (
        of_code.pivot_table(index="network", columns="distinction", values=each) for each in ("weights", "unit")
    )
    generation, branch = shares["generation"] >= ENCODING_THRESHOLD, shares["branch"] >= ENCODING_THRESHOLD
    return _share(
        "networks with a unit of the person code in which generation explains half of the variance of the weights or "
        f"more ({generation.mean():.0%}), and another in which branch does ({branch.mean():.0%}). By other thresholds, "
        f"a unit for generation is there in {_by_threshold(tables, 'generation')}, one for branch in "
        f"{_by_threshold(tables, 'branch')}",
        int((generation & branch & (units["generation"] != units["branch"])).sum()),
        len(shares),
        "other thresholds, see there",
    )


def _f5(tables: Tables) -> _Judged:
    measured = tables["networks"].dropna(subset="equivalents_nearer")
    near = measured["equivalents_nearer"]
    without = measured["equivalents_nearer_without_nationality"].mean()
    ratio, rest = (measured[f"distance_to_equivalents{ending}"].mean() for ending in ("", "_without_nationality"))
    return _share(
        f"networks in which the equivalent is nearer than {NEAR_EQUIVALENT_SHARE:.0%} of the other people of that "
        "nation, on average over the 24 people "
        f"(by chance 50%; the mean network has {near.mean():.0%}, and {without:.0%} without its "
        f"nationality units). Much like is not alike: equivalents are {ratio:.0%} as far apart as other pairs, and "
        f"{rest:.0%} without the nationality units",
        int((near > NEAR_EQUIVALENT_SHARE).sum()),
        len(near),
        "without the units that encode nationality, and distances, see there",
    )


def _f6(tables: Tables) -> _Judged:
    networks = tables["networks"]
    rho, without = (networks[f"usefulness_of_weights{ending}"] for ending in ("", "_without_decay"))
    paired = (rho - without).dropna()
    gain = "not known"
    if len(paired):
        low, high = bootstrap_mean(paired)
        gain = f"{paired.mean():+.2f} ({low:+.2f} to {high:+.2f})"
    shares = [
        f"{(values.dropna() > USEFUL_CORRELATION).mean():.0%}" if values.notna().any() else "none known"
        for values in (without, networks["usefulness_of_units"], networks["usefulness_of_units_without_decay"])
    ]
    return _share(
        f"networks with a rank correlation above {USEFUL_CORRELATION} between the size of a weight and the rise "
        f"of E without it (mean {number(rho.mean(), '.2f')}). That is so without decay, too: in {shares[0]} of "
        f"{without.notna().sum()} networks (mean {number(without.mean(), '.2f')}); on the same networks decay "
        f"makes a difference of {gain}. Of whole units, {shares[1]} of networks have such a correlation with decay, "
        f"and {shares[2]} without",
        int((rho > USEFUL_CORRELATION).sum()),
        int(rho.notna().sum()),
        "units instead of weights, and no decay, see there",
    )


def _i1(tables: Tables) -> _Judged:
    steps = tables["steps"]
    shortest = steps.iloc[0]
    worst = float(steps["gradient_error"].max())
    shares = ", ".join(f"{row['share_learned']:.0%}" for row in steps.to_dict("records"))
    found = _share(
        f"iterative networks that learn to answer a bit after {shortest['steps']:.0f} steps; for "
        f"{shortest['steps']:.0f} to {steps['steps'].iloc[-1]:.0f} steps, {shares} do. Averaged gradients differ from "
        f"finite differences by {worst:.0e} of the largest at most",
        int(shortest["learned"]),
        int(shortest["networks"]),
        "more steps, see there",
    )
    rule = f"judged by the shortest task: {SHARE_RULE}; and only if the gradients agree to {GRADIENT_TOLERANCE:g}"
    return (
        found._replace(rule=rule) if worst < GRADIENT_TOLERANCE else found._replace(rule=rule, verdict="not replicated")
    )


def _l1(tables: Tables) -> _Judged:
    two_units, four_units = (_solved(tables, GENTLE_EPSILON, hidden) for hidden in (2, 4))
    low, high = difference((four_units[0], two_units[0]), (four_units[1], two_units[1]))
    printed = [solved / of for solved, of in (_solved(tables, PRINTED.epsilon[1], hidden) for hidden in (2, 4))]
    found: Verdict = "partly" if min(two_units[1], four_units[1]) >= DECISIVE_NETWORKS else "undecided"
    if not low <= 0 <= high:
        found = "replicated" if low > 0 else "not replicated"
    return _Judged(
        f"by steps a fifth of the printed, {four_units[0] / four_units[1]:.1%} of networks with 4 hidden units solve "
        f"symmetry, and {two_units[0] / two_units[1]:.1%} with 2, where {two_units[1] - two_units[0]} of {two_units[1]} "
        "end in a poor minimum: rare, indeed. "
        f"By the printed steps it is {printed[1]:.0%} with 4 and {printed[0]:.0%} with 2: there, more units are worse",
        four_units[0] / four_units[1] - two_units[0] / two_units[1],
        low,
        high,
        "difference",
        two_units[1] + four_units[1],
        found,
        "judged by the steps of a fifth: replicated if the interval of the difference lies above 0, not if below, else "
        "partly",
        "" if found == "replicated" else "3, 6 and 8 hidden units; printed and gentle steps",
    )


def _solved(tables: Tables, epsilon: float, hidden: int) -> tuple[int, int]:
    """How many networks solve the symmetry task, and how many there are."""
    networks = tables["networks"]
    rows = networks[
        (networks["task"] == "symmetry") & (networks["epsilon"] == epsilon) & (networks["hidden"] == hidden)
    ]
    return int(rows["solved"].sum()), len(rows)


CLAIMS: tuple[_Claim, ...] = (
    _Claim(
        "S1",
        "two hidden units learn symmetry, by weights mirrored and in ratio 1 : 2 : 4, in 1,425 sweeps",
        "Nature fig. 1",
        "symmetry",
        "symmetry-solved.png",
        _s1,
    ),
    _Claim(
        "S2",
        "symmetry cannot be learned without a hidden layer",
        "Nature p. 534",
        "symmetry",
        "symmetry-solved.png",
        _s2,
    ),
    _Claim(
        "F1",
        "1500 sweeps of the printed recipe learn the 100 training cases",
        "Nature fig. 4",
        "learning",
        "learning-curves.png",
        _f1,
    ),
    _Claim(
        "F2",
        "the four cases left out are answered right (in CogSci, 7 of 8 over two networks)",
        "Nature fig. 4",
        "learning",
        "learning-curves.png",
        _f2,
    ),
    _Claim(
        "F3",
        "one unit of the person code tells English from Italian, and most others ignore it",
        "Nature fig. 4, unit 1",
        "units",
        "units.png",
        _f3,
    ),
    _Claim(
        "F4",
        "one unit encodes the generation, one the branch of the family",
        "Nature fig. 4, units 2 and 6",
        "units",
        "units.png",
        _f4,
    ),
    _Claim(
        "F5",
        "a person's code is much like that of the Italian (English) equivalent",
        "Nature fig. 4",
        "units",
        "nearness.png",
        _f5,
    ),
    _Claim(
        "F6",
        "under weight decay, the size of a weight tells its usefulness in reducing E",
        "Nature fig. 4",
        "units",
        "usefulness.png",
        _f6,
    ),
    _Claim(
        "I1",
        "the procedure carries over to iterative nets, by averaging the gradients of equal weights",
        "Nature fig. 5",
        "iterative",
        "iterative.png",
        _i1,
    ),
    _Claim(
        "L1",
        "poor local minima are rare; a few more connections open paths round them",
        "Nature p. 535",
        "symmetry",
        "symmetry-solved.png",
        _l1,
    ),
)
