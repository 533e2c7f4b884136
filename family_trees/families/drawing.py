"""A family as a picture: the places of its people, and the lines between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from family_trees.families.pedigree import Pedigree, average, couples, sibships

MARRIAGE_GAP = 0.015
"""Half the distance between the two lines of a marriage, in rows."""

PASSING_DEPTH = 0.27
"""How far below its two people a line runs if others stand between them, in rows."""

BAR_HEIGHT = 0.5
"""How far above the children the line runs that joins them, in rows."""

BAR_SPREAD = 0.32
"""The height of the band in which such lines are spread where they would overlap, in rows."""


class Line(NamedTuple):
    """A line in the picture of a family."""

    points: tuple[tuple[float, float], ...]
    """(x, row) of each corner. Rows count downward."""
    track: int = 0
    """The number of its height. Lines to children that would overlap have different tracks."""
    dashed: bool = False
    """Whether it goes straight to parents or partners on another row. Such lines are dashed."""


@dataclass(frozen=True)
class Drawing:
    """A family as a picture, without sizes and colours."""

    places: Mapping[str, tuple[float, float]]
    """(x, row) of each person, in the order of drawing. Rows count downward."""
    lines: tuple[Line, ...]
    title: str = ""

    @property
    def size(self) -> tuple[float, float]:
        """The number of columns and of rows: both begin at 0, and each person takes one of each."""
        return max(x for x, _ in self.places.values()) + 1, max(row for _, row in self.places.values()) + 1


def drawing_of(laid_out: Pedigree) -> Drawing:
    """The picture of a pedigree: double lines for marriages, single ones for other partners, and lines to children."""
    places = {name: (x, laid_out.row[name]) for name, x in laid_out.x.items()}
    return Drawing(places, (*_lines_of_couples(laid_out), *_lines_to_children(laid_out)))


def _lines_of_couples(laid_out: Pedigree) -> list[Line]:
    x, row = laid_out.x, laid_out.row
    lines = []
    for (one, other), married in couples(laid_out.families).items():
        first, last = (x[one], float(row[one])), (x[other], float(row[other]))
        for offset in (-MARRIAGE_GAP, MARRIAGE_GAP) if married else (0.0,):
            if row[one] != row[other]:
                lines.append(Line((first, last), dashed=True))
            elif _neighbours((x[one], x[other])):
                lines.append(Line(((x[one], row[one] + offset), (x[other], row[one] + offset))))
            else:
                low = row[one] + PASSING_DEPTH + offset
                lines.append(Line((first, (x[one], low), (x[other], low), last)))
    return lines


def _lines_to_children(laid_out: Pedigree) -> list[Line]:
    x, row = laid_out.x, laid_out.row
    lines = []
    kin = sibships(laid_out.families)
    for (parents, children), (track, tracks) in zip(kin.items(), _tracks(laid_out), strict=True):
        lower = max(row[parent] for parent in parents)
        level = [x[parent] for parent in parents if row[parent] == lower]
        middle, start = average(level), lower + (0.0 if _neighbours(level) else PASSING_DEPTH)
        bar = min(row[child] for child in children) - BAR_HEIGHT + BAR_SPREAD * ((track + 0.5) / tracks - 0.5)
        if len(parents) > 2:  # several records name different parents
            lines += [Line(((x[parent], row[parent]), (middle, bar)), track, dashed=True) for parent in parents]
        else:
            lines.append(Line(((middle, start), (middle, bar)), track))
        reach = [middle, *(x[child] for child in children)]
        lines.append(Line(((min(reach), bar), (max(reach), bar)), track))
        lines += [Line(((x[child], bar), (x[child], row[child])), track) for child in children]
    return lines


def _neighbours(places: Sequence[float]) -> bool:
    return max(places) - min(places) < 1 + 1e-6


def _tracks(laid_out: Pedigree) -> list[tuple[int, int]]:
    """For each set of parents, the track of the line that joins their children, and the number of tracks in its row."""
    spans_by_row: dict[int, list[list[tuple[float, float]]]] = {}
    chosen = []
    for parents, children in sibships(laid_out.families).items():
        places = [laid_out.x[name] for name in children] + [average(laid_out.x[name] for name in parents)]
        left, right = min(places) - 0.05, max(places) + 0.05
        row = min(laid_out.row[name] for name in children)
        tracks = spans_by_row.setdefault(row, [])
        free = (k for k, others in enumerate(tracks) if all(right < low or high < left for low, high in others))
        track = next(free, len(tracks))
        if track == len(tracks):
            tracks.append([])
        tracks[track].append((left, right))
        chosen.append((track, row))
    return [(track, len(spans_by_row[row])) for track, row in chosen]
