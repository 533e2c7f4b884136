"""The parts of an explanation: titled sections of equations, paths, tables and sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from family_trees.analysis.explain.chain_tree import ChainTree
from family_trees.analysis.explain.paths import ErrorPath
from family_trees.analysis.explain.steps import Step


class TextTable(NamedTuple):
    """A table whose cells are already text."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """One titled part of an explanation."""

    title: str
    content: tuple[Step | ErrorPath | ChainTree | TextTable | str, ...]


def eight_decimals(value: float) -> str:
    """A number to eight decimals."""
    return f"{value:.8f}"
