"""The layout of a family: generations are rows, couples stand side by side, children below their parents."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import fsum

from family_trees.families.people import Families

ORDERING_PASSES = 24
"""How often the rows are ordered, downward and upward in turn. They are then spaced twice as often."""

ROOM_BETWEEN_GROUPS = 0.2
"""The gap between neighbours who are not partners, where each person takes a width of 1."""


@dataclass(frozen=True)
class Pedigree:
    """The places of the people of some families."""

    families: Families
    rows: tuple[tuple[str, ...], ...]
    """The names in each row, from left to right; the oldest generation is the first row."""
    x: Mapping[str, float]
    """The horizontal place of each person. Neighbours in a row are at least 1 apart."""

    @cached_property
    def row(self) -> dict[str, int]:
        """The number of the row of each person, from 0."""
        return {name: k for k, row in enumerate(self.rows) for name in row}


def pedigree(families: Families) -> Pedigree:
    """Lay out families: children below their parents, families beside each other, and few crossing lines.

    Each row is ordered by the average place of the parents of its people, then by that of their children. This is
    repeated, and the order with the fewest crossings wins. Then the people of each row move as near to their parents
    and children as the widths in the row allow.
    """
    rows = _rows_of_groups(families)
    kin = list(sibships(families).items())
    above: dict[str, tuple[str, ...]] = {child: parents for parents, children in kin for child in children}
    below: dict[str, list[list[str]]] = {}
    for parents, children in kin:
        for parent in parents:
            below.setdefault(parent, []).append(children)
    x: dict[str, float] = {}
    for groups in rows:
        _spread(groups, [0.0] * len(groups), x)
    best = (_crossings(kin, x), [[[*group] for group in groups] for groups in rows])
    for number in range(ORDERING_PASSES):
        down = number % 2 == 0
        for groups in rows[1:] if down else rows[-2::-1]:
            links = {name: _link(name, above, below, x, down=down) for group in groups for name in group}
            for group in groups:
                _turn(group, links)
            middles = {id(group): _mean_of_known([links[n] for n in group], [x[n] for n in group]) for group in groups}
            groups.sort(key=lambda group: (families.family_number(group[0]), middles[id(group)]))
            _spread(groups, [_wish(group, links, x) for group in groups], x)
        crossings = _crossings(kin, x)
        if crossings < best[0]:
            best = crossings, [[[*group] for group in groups] for groups in rows]
    rows = best[1]
    for groups in rows:
        _spread(groups, [0.0] * len(groups), x)
    for number in range(2 * ORDERING_PASSES):
        down = number % 2 == 0
        for groups in rows[1:] if down else rows[-2::-1]:
            links = {name: _link(name, above, below, x, down=down) for group in groups for name in group}
            _spread(groups, [_wish(group, links, x) for group in groups], x)
    left = min(x.values(), default=0.0)
    placed = tuple(tuple(name for group in groups for name in group) for groups in rows)
    return Pedigree(families, placed, {name: x[name] - left for row in placed for name in row})


def sibships(families: Families) -> dict[tuple[str, ...], list[str]]:
    """The children of each set of recorded parents."""
    children: dict[tuple[str, ...], list[str]] = {}
    order = {person.name: k for k, person in enumerate(families.people)}
    for child in order:
        parents = tuple(sorted(families.parents(child), key=order.__getitem__))
        if parents:
            children.setdefault(parents, []).append(child)
    return children


def couples(families: Families) -> dict[tuple[str, str], bool]:
    """Every couple, married or the two parents of a child, with whether it is married."""
    married = {frozenset(couple) for couple in families.marriages}
    unmarried = ((parents[0], parents[1]) for parents in sibships(families) if len(parents) == 2)
    others = {pair: False for pair in unmarried if frozenset(pair) not in married}
    return dict.fromkeys((couple for couple in families.marriages if couple[0] != couple[1]), True) | others


def _rows_of_groups(families: Families) -> list[list[list[str]]]:
    """One row for each generation, of groups of partners, in the order of a walk through the families."""
    level = {person.name: families.generation(person.name) for person in families.people}
    rows: dict[int, list[list[str]]] = {number: [] for number in sorted({*level.values()})}
    partners: dict[str, list[str]] = {name: [] for name in level}
    for one, other in couples(families):
        if level[one] == level[other]:
            partners[one].append(other)
            partners[other].append(one)
    husbands = {husband for husband, _ in families.marriages}
    seen: set[str] = set()
    for founder in sorted(level, key=lambda name: (families.family_number(name), level[name])):
        stack = [founder]
        while stack:
            name = stack.pop()
            if name in seen:
                continue
            group = _couple(name, partners, husbands)
            seen |= {*group}
            rows[level[name]].append(group)
            stack += [child for each in reversed(group) for child in reversed(families.children(each))]
    return list(rows.values())


def _couple(name: str, partners: Mapping[str, Sequence[str]], husbands: Collection[str]) -> list[str]:
    """`name` with all partners, their partners and so on; partners stand next to each other where possible.

    The walk begins with a person who has one partner, so that a person who has two stands between them.
    """

    def walk(first: str) -> list[str]:
        found: dict[str, None] = {}
        stack = [first]
        while stack:
            each = stack.pop()
            if each not in found:
                found[each] = None
                stack += [other for other in reversed(partners[each]) if other not in found]
        return list(found)

    ends = [each for each in walk(name) if len(partners[each]) == 1]
    return walk(min(ends, key=lambda each: each not in husbands, default=name))


def average(values: Iterable[float]) -> float:
    """The mean of at least one value."""
    # statistics.fmean does the same, but importing it would slow the start of every command
    numbers = list(values)
    return fsum(numbers) / len(numbers)


def _link(
    name: str,
    above: Mapping[str, tuple[str, ...]],
    below: Mapping[str, list[list[str]]],
    x: Mapping[str, float],
    *,
    down: bool,
) -> float | None:
    """The average place of the parents (with `down`) or children of `name`; None without any."""
    others = above.get(name, ()) if down else [child for children in below.get(name, ()) for child in children]
    return average(x[each] for each in others) if others else None


def _mean_of_known(links: Iterable[float | None], otherwise: Sequence[float]) -> float:
    known = [link for link in links if link is not None]
    return average(known or otherwise)


def _wish(group: Sequence[str], links: Mapping[str, float | None], x: Mapping[str, float]) -> float:
    """The place of the first person of the group at which the group is nearest to its links, on average."""
    known = [link - k for k, name in enumerate(group) if (link := links[name]) is not None]
    return average(known) if known else x[group[0]]


def _turn(group: list[str], links: Mapping[str, float | None]) -> None:
    """Reverse the group if the links of its people are in the reverse order."""
    known = [(k, link) for k, name in enumerate(group) if (link := links[name]) is not None]
    middle = average(k for k, _ in known) if known else 0.0
    if sum((k - middle) * link for k, link in known) < 0:
        group.reverse()


def _spread(groups: Sequence[Sequence[str]], wishes: Sequence[float], x: dict[str, float]) -> None:
    """Place the groups of a row in their order, as near to their wishes as their widths allow (least squares).

    From left to right, groups that would overlap are pooled and placed at the mean of their wishes (isotonic
    regression).
    """
    starts = [0.0]
    for group in groups:
        starts.append(starts[-1] + len(group) + ROOM_BETWEEN_GROUPS)
    pools: list[tuple[float, int]] = []
    for wish, start in zip(wishes, starts, strict=False):
        mean, size = wish - start, 1
        while pools and pools[-1][0] >= mean:
            other, more = pools.pop()
            mean, size = (mean * size + other * more) / (size + more), size + more
        pools.append((mean, size))
    shifts = [mean for mean, size in pools for _ in range(size)]
    for group, shift, start in zip(groups, shifts, starts, strict=False):
        for k, name in enumerate(group):
            x[name] = shift + start + k


def _crossings(kin: Sequence[tuple[Sequence[str], Sequence[str]]], x: Mapping[str, float]) -> float:
    """The number of crossings of lines from parents to children, plus a thousandth of the width of the lines.

    So of two layouts with equally many crossings, the one with the shorter lines is better.
    """
    lines = [(average(x[p] for p in parents), x[child]) for parents, children in kin for child in children]
    crossed = sum((a - c) * (b - d) < 0 for k, (a, b) in enumerate(lines) for c, d in lines[:k])
    return crossed + 1e-3 * sum(abs(a - b) for a, b in lines)
