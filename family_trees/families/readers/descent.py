"""Loops of descent. Nobody is their own ancestor: the links of a loop are left out, and the rest of the file is read.

A *link* joins a child and one recorded parent. A *loop* is a way along links from child to parent that comes back to
where it began.

The rule: a link is left out if and only if it lies on a loop. The file does not say which of these links is the wrong
one, so none is kept. What is left out therefore depends on the links alone, not on the order of the lines.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from family_trees.families.readers.records import Birth, Tally, shortened

MAX_NAMED = 3
"""The most people of one loop who are named, and the most tangles of loops that are named."""


MAX_NAME_LENGTH = 30
"""The most characters of each of these names."""


def without_loops(births: Sequence[Birth], labels: Mapping[str, str], left_out: Tally) -> list[Birth]:
    """`births` without the links that lie on a loop of descent. These are counted in `left_out`, by the loop.

    Loops that have people in common are counted together, under a shortest loop through the first of their links.

    Args:
        births: the links of the file, in its order.
        labels: the readable label of each person.
        left_out: what was left out so far.
    """
    parents: dict[str, dict[str, int]] = {}
    for birth in births:
        of_child = parents.setdefault(birth.child, {})
        for parent in birth.parents:
            of_child.setdefault(parent, birth.line)
    tangle = tangle_of({child: [*of_child] for child, of_child in parents.items()})

    def on_loop(child: str, parent: str) -> bool:
        return tangle[child] == tangle[parent]

    links = {(child, parent): line for child, up in parents.items() for parent, line in up.items()}
    looped: dict[int, list[tuple[int, str, str]]] = {}
    for (child, parent), line in links.items():
        if on_loop(child, parent):
            looped.setdefault(tangle[child], []).append((line, child, parent))
    if not looped:
        return [*births]
    in_order = sorted(looped.values(), key=lambda each: min(line for line, *_ in each))
    for number, links_of in enumerate(in_order):
        line, child, parent = min(links_of, key=lambda link: link[0])
        reason = "link of further loops of descent"
        if number < MAX_NAMED:
            reason = f"link of a loop of descent, {_way(_loop_through(child, parent, parents), labels)}"
        left_out.add(reason, line, len(links_of))
    kept = [birth._replace(parents=tuple(p for p in birth.parents if not on_loop(birth.child, p))) for birth in births]
    return [birth for birth in kept if birth.parents]


def tangle_of(parents: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """For each person the number of their tangle: two people have the same one if each is an ancestor of the other.

    These are the strongly connected components of the links, found as R. Tarjan does (Depth-first search and linear
    graph algorithms, SIAM J. Comput. 1, 1972), in steps that grow with the links.
    """
    found: dict[str, int] = {}
    entered: dict[str, int] = {}
    oldest: dict[str, int] = {}
    open_people: list[str] = []
    for start in parents:
        if start in entered:
            continue
        entered[start] = oldest[start] = len(entered)
        open_people.append(start)
        way = [(start, iter(parents[start]))]
        while way:
            person, rest = way[-1]
            parent = next(rest, None)
            if parent is None:
                way.pop()
                if way:
                    below = way[-1][0]
                    oldest[below] = min(oldest[below], oldest[person])
                if oldest[person] == entered[person]:
                    while True:
                        member = open_people.pop()
                        found[member] = entered[person]
                        if member == person:
                            break
            elif parent not in entered:
                entered[parent] = oldest[parent] = len(entered)
                open_people.append(parent)
                way.append((parent, iter(parents.get(parent, ()))))
            elif parent not in found:
                oldest[person] = min(oldest[person], entered[parent])
    return found


def _loop_through(child: str, parent: str, parents: Mapping[str, Mapping[str, int]]) -> list[str]:
    """The people of a shortest loop that begins with the link from `child` to `parent`. `child` ends it, too."""
    below = {parent: child}
    near = deque([parent])
    while near and child not in below:
        person = near.popleft()
        for each in parents.get(person, ()):
            if each not in below:
                below[each] = person
                near.append(each)
    if parent == child:
        return [child, child]
    down = [child]
    while len(down) == 1 or down[-1] != child:
        down.append(below[down[-1]])
    return down[::-1]


def _way(loop: Sequence[str], labels: Mapping[str, str]) -> str:
    """The loop in words: "Ann <- Bob <- Ann". Each arrow points from a parent to the child."""
    names = [shortened(labels[key], MAX_NAME_LENGTH) for key in loop]
    if len(loop) - 1 <= MAX_NAMED:
        return " <- ".join(names)
    return f"{' <- '.join(names[:MAX_NAMED])} <- ... <- {names[-1]} ({len(loop) - 1:,} people)"
