"""The paper's claims, one by one, each with the experiment that judges it; the rules stand in rules.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from family_trees.studies.paper import rules
from family_trees.studies.paper.jobs import ExperimentName, Tables
from family_trees.studies.paper.verdicts import ClaimRow
from family_trees.support.errors import FamilyTreesError


class _Claim(NamedTuple):
    """A claim, its source in the paper, and the experiment that judges it."""

    id: str
    claim: str
    source: str
    experiment: ExperimentName
    figure: str
    judge: Callable[[Tables], rules.Judged]


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


CLAIMS: tuple[_Claim, ...] = (
    _Claim(
        "S1",
        "two hidden units learn symmetry, by weights mirrored and in ratio 1 : 2 : 4, in 1,425 sweeps",
        "Nature fig. 1",
        "symmetry",
        "symmetry-solved.png",
        rules.s1,
    ),
    _Claim(
        "S2",
        "symmetry cannot be learned without a hidden layer",
        "Nature p. 534",
        "symmetry",
        "symmetry-solved.png",
        rules.s2,
    ),
    _Claim(
        "F1",
        "1,500 sweeps of the printed recipe learn the 100 training cases",
        "Nature fig. 4",
        "learning",
        "learning-curves.png",
        rules.f1,
    ),
    _Claim(
        "F2",
        "the four cases left out are answered right (in CogSci, 7 of 8 over two networks)",
        "Nature fig. 4",
        "learning",
        "learning-curves.png",
        rules.f2,
    ),
    _Claim(
        "F3",
        "one unit of the person code tells English from Italian, and most others ignore it",
        "Nature fig. 4, unit 1",
        "units",
        "units.png",
        rules.f3,
    ),
    _Claim(
        "F4",
        "one unit encodes the generation, one the branch of the family",
        "Nature fig. 4, units 2 and 6",
        "units",
        "units.png",
        rules.f4,
    ),
    _Claim(
        "F5",
        "a person's code is much like that of the Italian (English) equivalent",
        "Nature fig. 4",
        "units",
        "nearness.png",
        rules.f5,
    ),
    _Claim(
        "F6",
        "under weight decay, the size of a weight tells its usefulness in reducing E",
        "Nature fig. 4",
        "units",
        "usefulness.png",
        rules.f6,
    ),
    _Claim(
        "I1",
        "the procedure carries over to iterative nets, by averaging the gradients of equal weights",
        "Nature fig. 5",
        "iterative",
        "iterative.png",
        rules.i1,
    ),
    _Claim(
        "L1",
        "poor local minima are rare; a few more connections open paths round them",
        "Nature p. 535",
        "symmetry",
        "symmetry-solved.png",
        rules.l1,
    ),
)
