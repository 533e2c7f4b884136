"""The twelve relations of the family-tree task, and the facts that follow from marriages and births."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from family_trees.families.people import Families, Sex, Triple

MAX_FACTS = 5_000_000
"""The most facts that are derived, so that they fit in memory."""


RELATIVES: tuple[tuple[str, str, Callable[[Families, str], list[str]]], ...] = (
    ("husband", "wife", Families.spouses),
    ("son", "daughter", Families.children),
    ("father", "mother", Families.parents),
    ("brother", "sister", Families.siblings),
    ("nephew", "niece", Families.nephews_and_nieces),
    ("uncle", "aunt", Families.uncles_and_aunts),
)
"""The words for a male and for a female relative, and the function that finds these relatives."""


RELATIONS: tuple[str, ...] = tuple(word for male, female, _ in RELATIVES for word in (male, female))
"""The twelve relations in the usual order of the relation units."""


SEX_OF_RELATIVE: Mapping[str, Sex] = {
    **dict.fromkeys((male for male, _, _ in RELATIVES), "male"),
    **dict.fromkeys((female for _, female, _ in RELATIVES), "female"),
}
"""The sex of the relative that each relation names."""


class DerivedFacts(NamedTuple):
    """The facts that follow from families."""

    triples: tuple[Triple, ...]
    """The facts, ordered by person 1, then relation, then person 2, in the order of the people."""
    of_unknown_sex: int
    """How many facts are left out because the sex of person 2, which decides the word, is unknown."""


def derive_facts(families: Families) -> DerivedFacts:
    """All facts that hold in `families`. The twelve relations are defined here and nowhere else.

    Father and mother are recorded parents; son and daughter are the reverse. Husband and wife are a recorded couple.
    Brothers and sisters share at least one recorded parent, or are children of one family of whose parents none is
    recorded. Uncles and aunts are brothers and sisters of a parent, and
    the spouses of these; nephews and nieces are the reverse. Nobody is their own relative.
    """
    sexes = {person.name: person.sex for person in families.people}
    order = {person.name: k for k, person in enumerate(families.people)}
    triples: list[Triple] = []
    unknown = 0
    for person in families.people:
        for male, female, relatives in RELATIVES:
            kin = sorted(
                (each for each in relatives(families, person.name) if each != person.name), key=order.__getitem__
            )
            for word, sex in ((male, "male"), (female, "female")):
                triples += [Triple(person.name, word, relative) for relative in kin if sexes[relative] == sex]
            unknown += sum(sexes[relative] is None for relative in kin)
    return DerivedFacts(tuple(triples), unknown)


def facts_upper_bound(families: Families) -> int:
    """An upper bound of the number of facts in `families`, and of the steps to derive them. It is quick to compute."""
    names = [person.name for person in families.people]
    siblings = {name: sum(len(families.children(parent)) for parent in families.parents(name)) for name in names}
    for group in families.sibling_groups:
        for name in group:
            siblings[name] += len(group)
    with_partners = {name: sum(1 + len(families.spouses(child)) for child in families.children(name)) for name in names}
    uncles = {name: sum(with_partners[parent] for parent in families.parents(name)) for name in names}  # of children
    for group in families.sibling_groups:
        of_group = sum(1 + len(families.spouses(child)) for child in group)
        for name in group:
            uncles[name] += of_group
    total = 0
    for name in names:
        near = len(families.spouses(name)) + len(families.children(name)) + len(families.parents(name))
        of_partners = sum(siblings[partner] for partner in families.spouses(name))
        of_parents = sum(uncles[parent] for parent in families.parents(name))
        total += near + siblings[name] + of_partners + 2 * of_parents  # each of these has a nephew or niece in turn
    return total


def derive_triples(families: Families) -> tuple[Triple, ...]:
    """The facts that hold in `families`, without the count of those left out. See `derive_facts`."""
    return derive_facts(families).triples
