// Kinship: what Koreans call a relative. It depends on more than the twelve relations: on whose side the relative is, and
// on whether the relation is by blood or by marriage.

/** The Korean word for `relative`, as `person` would say it; "" where the word of the relation says enough.
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
