"""Made-up families of any size, for scripts that need larger families than those of 1986."""

import numpy as np

from family_trees.families.people import Families, Person, Sex
from family_trees.families.relations import RELATIONS, derive_triples
from family_trees.families.task import Task

CHILDREN_OF_COUPLE = (0, 1, 1, 2, 2, 3, 3, 4)
"""The numbers of children of a couple, each equally likely."""
MARRIED_SHARE = 0.8
"""The share of grown-up children who marry."""
STRANGER_SHARE = 0.5
"""Of those who marry, the share who marry a person without recorded parents."""


def made_up_families(people: int, seed: int = 0) -> Families:
    """Families of about this many people, over some generations. The same seed gives the same families."""
    draw = np.random.default_rng(seed)
    sexes: list[Sex] = []
    marriages: list[tuple[str, str]] = []
    births: list[tuple[str, ...]] = []

    def born(sex: Sex) -> str:
        sexes.append(sex)
        return f"Person {len(sexes)}"

    couples = [(born("male"), born("female")) for _ in range(max(1, people // 60))]
    while len(sexes) < people:
        grown: list[tuple[str, Sex, int]] = []
        for couple, (father, mother) in enumerate(couples):
            marriages.append((father, mother))
            for _ in range(draw.choice(CHILDREN_OF_COUPLE)):
                if len(sexes) < people:
                    sex: Sex = "male" if draw.random() < 0.5 else "female"
                    grown.append((child := born(sex), sex, couple))
                    births.append((child, father, mother))
        if not grown:
            couples += [(born("male"), born("female"))]
            continue
        couples = []
        free = [grown[k] for k in draw.permutation(len(grown)) if draw.random() < MARRIED_SHARE]
        while free and len(sexes) < people:
            name, sex, parents = free.pop()
            others = [each for each in free if each[1] != sex and each[2] != parents]
            if others and draw.random() > STRANGER_SHARE:
                free.remove(others[0])
                partner = others[0][0]
            else:
                partner = born("female" if sex == "male" else "male")
            couples.append((name, partner) if sex == "male" else (partner, name))
    marriages += [pair for pair in couples if pair not in marriages]
    known = tuple(Person(f"Person {k}", sex) for k, sex in enumerate(sexes, start=1))
    return Families(known, tuple(dict.fromkeys(marriages)), tuple(births))


def made_up_task(people: int, seed: int = 0) -> Task:
    """The task of such families: the people with at least one fact, and their facts."""
    facts = derive_triples(made_up_families(people, seed))
    return Task(tuple(dict.fromkeys(fact.person1 for fact in facts)), RELATIONS, facts)
