// Kinship: who is whose parent, spouse and child, who stands in which generation, and what Koreans call a relative.

/** The Korean word for `relative`, as `person` would say it; "" where the word of the relation says enough. It depends on
 *  more than the twelve relations: on whose side the relative is, and on blood or marriage.
 *  families: { sexes, marriages: [one, other], births: [child, ...parents] }, all people by place. */
export function koreanTerm({ families, relations }, person, relation, relative) {
  const word = relations[relation];
  if (!families || !["uncle", "aunt", "nephew", "niece"].includes(word)) return "";
  const parentsOf = (k) => families.births.filter(([child]) => child === k).flatMap(([, ...parents]) => parents);
  const siblings = (a, b) => a !== b && parentsOf(a).some((parent) => parentsOf(b).includes(parent));
  const spousesOf = (k) => families.marriages.flatMap(([a, b]) => (a === k ? [b] : b === k ? [a] : []));
  const male = (k) => families.sexes[k] === "male";
  if (word === "uncle" || word === "aunt") {
    for (const parent of parentsOf(person)) {
      const fathers = male(parent);
      if (siblings(parent, relative)) return word === "uncle" ? (fathers ? "삼촌" : "외삼촌") : fathers ? "고모" : "이모";
      for (const each of spousesOf(relative))
        if (siblings(parent, each)) return word === "uncle" ? (fathers ? "고모부" : "이모부") : fathers ? "숙모" : "외숙모";
    }
    return "";
  }
  for (const parent of parentsOf(relative)) {
    const ofSister = !male(parent);
    const her = word === "niece";
    if (siblings(parent, person)) return `${ofSister ? (male(person) ? "생질" : "이질") : "조카"}${her ? (ofSister ? "녀" : "딸") : ""}`;
    for (const each of spousesOf(person)) if (siblings(parent, each)) return `${male(person) ? "처" : "시"}조카${her ? "딸" : ""}`;
  }
  return "";
}

export const distinct = (places) => [...new Set(places)];

/** Spouses, parents and children of everybody, each once. family: { people, sexes, marriages, births }, by place. */
export function kinOf({ people, marriages, births }) {
  const kin = people.map(() => ({ spouses: [], parents: [], children: [] }));
  for (const [one, other] of marriages) {
    kin[one].spouses.push(other);
    kin[other].spouses.push(one);
  }
  for (const [child, ...parents] of births)
    for (const parent of parents) {
      kin[child].parents.push(parent);
      kin[parent].children.push(child);
    }
  return kin.map(({ spouses, parents, children }) => ({ spouses: distinct(spouses), parents: distinct(parents), children: distinct(children) }));
}

/** All places, each after those that it needs. */
export function inOrder(needs) {
  const ordered = [], entered = new Set(), visit = (k) => {
    if (entered.has(k)) return;
    entered.add(k);
    needs[k].forEach(visit);
    ordered.push(k);
  };
  needs.forEach((_, k) => visit(k));
  return ordered;
}

/** The family and the generation of everybody. Children stand below their parents, spouses in one generation. */
export function standingOf(kin) {
  const families = [], levels = [];
  kin.forEach((_, first) => {
    const near = [[first, 0]], married = [];
    while (near.length || married.length) {
      const [k, step] = near.length ? near.shift() : married.shift();
      if (families[k] !== undefined) continue;
      families[k] = first;
      levels[k] = step;
      near.push(...kin[k].parents.map((each) => [each, step - 1]), ...kin[k].children.map((each) => [each, step + 1]));
      married.push(...kin[k].spouses.map((each) => [each, step]));
    }
  });
  for (const k of inOrder(kin.map(({ parents }) => parents))) levels[k] = Math.max(levels[k], ...kin[k].parents.map((each) => levels[each] + 1));
  kin.forEach(({ parents, children }, k) => { if (!parents.length && children.length) levels[k] = Math.min(...children.map((each) => levels[each])) - 1; });
  kin.forEach(({ spouses, parents, children }, k) => { if (spouses.length && !parents.length && !children.length) levels[k] = Math.max(...spouses.map((each) => levels[each])); });
  const oldest = {};
  levels.forEach((level, k) => { oldest[families[k]] = Math.min(level, oldest[families[k]] ?? level); });
  return { families, generations: levels.map((level, k) => level - oldest[families[k]] + 1) };
}

/** All ancestors of a person. */
export const ancestors = (kin, k, found = new Set()) => {
  for (const parent of kin[k].parents) if (!found.has(parent)) { found.add(parent); ancestors(kin, parent, found); }
  return found;
};
