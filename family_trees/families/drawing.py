"""A family as a picture: where its people stand, and the lines between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from family_trees.families.pedigree import Pedigree, average, couples, sibships

MARRIAGE_GAP = 0.015
"""Half the distance between the two lines of a marriage, in rows."""

PASSING_DEPTH = 0.27
"""How far below its people a line runs that passes others on the same row, in rows."""

BAR_HEIGHT = 0.5
"""How far above the children the line runs that joins them, in rows."""

BAR_SPREAD = 0.32
"""The height of the band that such lines share where several would lie upon each other, in rows."""


class Line(NamedTuple):
    """A line of a picture of a family."""

    points: tuple[tuple[float, float], ...]
    """(x, row) of each corner. Rows count downward."""
    track: int = 0
    """Lines to children that would lie upon each other have different tracks: numbers, and heights."""
    dashed: bool = False
    """A dashed line goes straight to another row, to parents or partners who stand there."""


@dataclass(frozen=True)
class Drawing:
    """A family as a picture, without sizes or colours."""

    places: Mapping[str, tuple[float, float]]
    """(x, row) of everybody, in the order of drawing. Rows count downward."""
    lines: tuple[Line, ...]
    title: str = ""

    @property
    def size(self) -> tuple[float, float]:
        """Columns and rows, where the first of each is 0 and everybody takes one."""
        return max(x for x, _ in self.places.values()) + 1, max(row for _, row in self.places.values()) + 1


def drawing_of(laid_out: Pedigree) -> Drawing:
    """The picture of a pedigree: two lines for a marriage, one for other partners, and lines from them to children."""
    places = {name: (x, laid_out.row[name]) for name, x in laid_out.x.items()}
    return Drawing(places, (*_lines_of_couples(laid_out), *_lines_to_children(laid_out)))


def _lines_of_couples(laid_out: Pedigree) -> list[Line]:
    x, row = laid_out.x, laid_out.row
    found = []
    for (one, other), married in couples(laid_out.families).items():
        first, last = (x[one], float(row[one])), (x[other], float(row[other]))
        for offset in (-MARRIAGE_GAP, MARRIAGE_GAP) if married else (0.0,):
            if row[one] != row[other]:
                found.append(Line((first, last), dashed=True))
            elif _neighbours((x[one], x[other])):
                found.append(Line(((x[one], row[one] + offset), (x[other], row[one] + offset))))
            else:
                low = row[one] + PASSING_DEPTH + offset
                found.append(Line((first, (x[one], low), (x[other], low), last)))
    return found


def _lines_to_children(laid_out: Pedigree) -> list[Line]:
    x, row = laid_out.x, laid_out.row
    found = []
    kin = sibships(laid_out.families)
    for (parents, children), (track, tracks) in zip(kin.items(), _tracks(laid_out), strict=True):
        lower = max(row[parent] for parent in parents)
        level = [x[parent] for parent in parents if row[parent] == lower]
        middle, start = average(level), lower + (0.0 if _neighbours(level) else PASSING_DEPTH)
        bar = min(row[child] for child in children) - BAR_HEIGHT + BAR_SPREAD * ((track + 0.5) / tracks - 0.5)
        if len(parents) > 2:  # several records name different parents
            found += [Line(((x[parent], row[parent]), (middle, bar)), track, dashed=True) for parent in parents]
        else:
            found.append(Line(((middle, start), (middle, bar)), track))
        reach = [middle, *(x[child] for child in children)]
        found.append(Line(((min(reach), bar), (max(reach), bar)), track))
        found += [Line(((x[child], bar), (x[child], row[child])), track) for child in children]
    return found


def _neighbours(places: Sequence[float]) -> bool:
    return max(places) - min(places) < 1 + 1e-6


def _tracks(laid_out: Pedigree) -> list[tuple[int, int]]:
    """The track of the line that joins the children of each pair of parents, and how many tracks its row has."""
    taken: dict[int, list[list[tuple[float, float]]]] = {}
    found = []
    for parents, children in sibships(laid_out.families).items():
        places = [laid_out.x[name] for name in children] + [average(laid_out.x[name] for name in parents)]
        own = (min(places) - 0.05, max(places) + 0.05)
        row = min(laid_out.row[name] for name in children)
        tracks = taken.setdefault(row, [])
        free = (k for k, others in enumerate(tracks) if all(own[1] < low or high < own[0] for low, high in others))
        track = next(free, len(tracks))
        if track == len(tracks):
            tracks.append([])
        tracks[track].append(own)
        found.append((track, row))
    return [(track, len(taken[row])) for track, row in found]
