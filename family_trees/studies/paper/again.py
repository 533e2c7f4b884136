"""Chosen claims of the paper, with the verdicts of the full reproduction or measured again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from family_trees.studies.paper.verdicts import ClaimRow, committed_rows
from family_trees.support.errors import FamilyTreesError

if TYPE_CHECKING:
    from family_trees.studies.paper.jobs import ReproductionSize
    from family_trees.studies.paper.reproduction import ReproductionProgress


def committed_claims(ids: Sequence[str] = ()) -> list[ClaimRow]:
    """The claims `ids`, with the verdicts that come with the package; by default all claims.

    Upper and lower case are the same in `ids`.

    Raises:
        FamilyTreesError: there is no such claim.
    """
    rows = {row.id: row for row in committed_rows()}
    for each in ids:
        if each.upper() not in rows:
            raise FamilyTreesError(f"no claim {each.upper()!r}; there are {', '.join(rows)}")
    return _named(list(rows.values()), ids)


def measure_claims_again(
    ids: Sequence[str],
    size: ReproductionSize,
    *,
    workers: int | None = None,
    report: Callable[[ReproductionProgress], None] | None = None,
) -> list[ClaimRow]:
    """The claims `ids`, judged by newly trained networks. Nothing is written.

    Args:
        workers: processes; by default one a core.
        report: called with the progress of the experiments.

    Raises:
        FamilyTreesError: there is no such claim.
    """
    from tempfile import TemporaryDirectory

    from family_trees.studies.paper.claims import experiments_of, judge_claims
    from family_trees.studies.paper.reproduction import run_experiments

    experiments = experiments_of([each.upper() for each in ids])
    with TemporaryDirectory() as directory:
        tables = run_experiments(size, Path(directory), experiments=experiments, workers=workers, report=report)
    return _named(judge_claims(tables), ids)


def _named(rows: Sequence[ClaimRow], ids: Sequence[str]) -> list[ClaimRow]:
    wanted = {each.upper() for each in ids}
    return [row for row in rows if not wanted or row.id in wanted]
