// A family that is edited on the page: its facts follow by the rules of families/relations.py, what is known of its people
// by those of families/people.py, and its network by models/layered.py.
import { BIAS } from "./network.js";
import { completed } from "./task.js";
import { ancestors, distinct, inOrder, kinOf, standingOf } from "./kin.js";
import { picturesOf } from "./pedigree.js";

/** The words for a male and for a female relative, the generations up to the relative, the kind of the relation. */
const KINDS_OF_KIN = [["husband", "wife", 0, "marriage"], ["son", "daughter", -1, "line"], ["father", "mother", 1, "line"],
  ["brother", "sister", 0, "side"], ["nephew", "niece", -1, "side"], ["uncle", "aunt", 1, "side"]];
const SMALLEST_GROUP = 3;
/** The most people of a family that is edited. */
export const MOST_PEOPLE = 80;
/** The most characters of a name. */
export const MOST_LETTERS = 60;

/** The relatives of a person, a list for each of the six kinds. */
function relativesOf(kin, k) {
  const siblings = (a) => distinct(kin[a].parents.flatMap((parent) => kin[parent].children)).filter((each) => each !== a);
  const ofParents = kin[k].parents.flatMap(siblings), own = [...siblings(k), ...kin[k].spouses.flatMap(siblings)];
  const all = [kin[k].spouses, kin[k].children, kin[k].parents, siblings(k), distinct(own.flatMap((each) => kin[each].children)),
    distinct([...ofParents, ...ofParents.flatMap((each) => kin[each].spouses)])];
  return all.map((several) => several.filter((each) => each !== k).sort((a, b) => a - b));
}

/** The task that the facts of a family make. People and relations without a fact are not in it. */
export function taskOfFamily(family) {
  const kin = kinOf(family), facts = []; // [person, relation, answers], relations by word
  for (const k of family.people.keys())
    for (const [n, relatives] of relativesOf(kin, k).entries())
      for (const [at, sex] of ["male", "female"].entries()) {
        const answers = relatives.filter((each) => family.sexes[each] === sex);
        if (answers.length) facts.push([k, KINDS_OF_KIN[n][at], answers]);
      }
  const known = new Set(facts.map(([, word]) => word)), relations = KINDS_OF_KIN.flatMap(([male, female]) => [male, female]).filter((word) => known.has(word));
  const inFacts = new Set(facts.flatMap(([k, , answers]) => [k, ...answers])), kept = [...family.people.keys()].filter((k) => inFacts.has(k));
  const place = new Map(kept.map((k, n) => [k, n])), some = (several) => several.every((k) => place.has(k));
  const cases = facts.map(([k, word, answers]) => [place.get(k), relations.indexOf(word), answers.map((each) => place.get(each))]);
  const own = { people: kept.map((k) => family.people[k]), sexes: kept.map((k) => family.sexes[k]), marriages: family.marriages.filter(some).map((pair) => pair.map((k) => place.get(k))),
    births: family.births.filter(some).map((birth) => birth.map((k) => place.get(k))) };
  const { people, sexes, marriages, births } = own;
  return completed({ people, relations, cases, equivalents: null, families: { sexes, marriages, births }, trees: picturesOf(own), layers: layersOf(people.length, relations.length),
    groups: { person: peopleGroups(own), relation: relationGroups(relations) } });
}

/** The layers of Nature, fig. 3, for so many people and relations. */
export function layersOf(people, relations) {
  const code = Math.max(6, Math.round(6 * Math.sqrt(people / 24))), words = Math.max(6, Math.round(6 * Math.sqrt(relations / 12)));
  const layer = (name, units, sees = []) => ({ name, units, sees: sees.length ? [...sees, BIAS] : [], copies: null, kind: "logistic" });
  return [layer("person", people), layer("relation", relations), layer("person code", code, ["person"]), layer("relation code", words, ["relation"]),
    layer("central", 2 * code, ["person code", "relation code"]), layer("penultimate", code, ["central"]), layer("answer", people, ["penultimate"])];
}

/** The number of cases that are usually held out: one of 26, rounded as Python rounds. */
export function usualHeldOut(cases) {
  const low = Math.floor(cases / 26), rest = cases - 26 * low;
  return rest === 13 ? low + (low % 2) : low + (rest > 13 ? 1 : 0);
}

function relationGroups(relations) {
  const of = (name, value) => ({ name, values: relations.map((word) => { const kind = KINDS_OF_KIN.find((each) => each.includes(word)); return kind && value(kind, word); }) });
  return numbered([of("sex", ([male], word) => String(word === male)), of("generation step", ([, , step]) => String(step)), of("kind", (kind) => kind[3])]);
}

function peopleGroups(family) {
  const kin = kinOf(family), { families, generations } = standingOf(kin), branches = branchesOf(kin);
  return numbered([{ name: "family", values: withoutSmall(families) }, { name: "generation", values: generations }, { name: "branch", values: withoutSmall(branches) }, { name: "sex", values: family.sexes }]);
}

/** Distinctions with numbers for their groups; one with a single group says nothing and is left out. */
function numbered(distinctions) {
  return distinctions.map(({ name, values }) => {
    const known = distinct(values.filter((v) => v !== null && v !== undefined));
    return { name, count: known.length, groups: values.map((v) => known.indexOf(v)) };
  }).filter(({ count }) => count > 1).map(({ name, groups }) => ({ name, groups }));
}

function withoutSmall(values) {
  return values.map((v) => (v !== null && values.filter((each) => each === v).length >= SMALLEST_GROUP ? v : null));
}

/** The founding couple of the one line that each descends from or married into, as a number; null if there are several. */
function branchesOf(kin) {
  const needs = kin.map(({ parents, spouses }) => (parents.length ? parents : spouses.filter((each) => kin[each].parents.length).slice(0, 1)));
  const lines = [], number = new Map();
  let couples = 0;
  for (const k of inOrder(needs)) {
    lines[k] = new Set(needs[k].flatMap((each) => [...(lines[each] ?? [])]));
    if (lines[k].size) continue;
    const together = [k, ...kin[k].spouses.filter((each) => !needs[each].length)];
    const known = together.map((each) => number.get(each)).find((each) => each !== undefined) ?? couples++;
    number.set(k, known);
    lines[k].add(known);
  }
  return lines.map((of) => (of.size === 1 ? [...of][0] : null));
}

// ---- edits: each gives another family, or a reason why not

/** A name as it may stand: in one line, not empty, not too long, and nobody else's. */
function nameProblem(family, name, own = -1) {
  if (!name || name.length > MOST_LETTERS || /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(name)) return "editName";
  return family.people.some((each, k) => k !== own && each.toLowerCase() === name.toLowerCase()) ? "editTaken" : "";
}

export function renamed(family, k, name) {
  const problem = nameProblem(family, name, k);
  return problem ? { problem } : { family: { ...family, people: family.people.map((each, n) => (n === k ? name : each)) } };
}

/** A new person: a child of one or two parents, or a spouse of somebody. */
export function added(family, name, sex, { parents = [], spouse = null }) {
  const problem = nameProblem(family, name) || (family.people.length >= MOST_PEOPLE ? "editMany" : "");
  if (problem) return { problem };
  const k = family.people.length, { marriages, births } = family;
  return { family: { people: [...family.people, name], sexes: [...family.sexes, sex], births: parents.length ? [...births, [k, ...parents]] : births,
    marriages: spouse === null ? marriages : [...marriages, [spouse, k]] } };
}

export function married(family, one, other) {
  const kin = kinOf(family);
  if (one === other || kin[one].spouses.includes(other) || ancestors(kin, one).has(other) || ancestors(kin, other).has(one)) return { problem: "editMarry" };
  return { family: { ...family, marriages: [...family.marriages, [one, other]] } };
}

export function removed(family, gone) {
  const to = (k) => (k > gone ? k - 1 : k), without = (several) => several.filter((k) => k !== gone).map(to);
  const next = { people: family.people.filter((_, k) => k !== gone), sexes: family.sexes.filter((_, k) => k !== gone),
    marriages: family.marriages.filter((pair) => !pair.includes(gone)).map((pair) => pair.map(to)),
    births: family.births.filter(([child]) => child !== gone).map(([child, ...parents]) => [to(child), ...without(parents)]).filter((birth) => birth.length > 1) };
  return taskOfFamily(next).cases.length < 4 ? { problem: "editFew" } : { family: next };
}

// ---- as text, for addresses; and as a file, for the command line

const SEX_SIGNS = { male: "m", female: "f" };

export const textOfFamily = ({ people, sexes, marriages, births }) => JSON.stringify([people, sexes.map((sex) => SEX_SIGNS[sex] ?? "-").join(""), marriages, births]);

/** The family of a text; null where it is none that could be. */
export function familyOfText(text) {
  try {
    const [people, letters, marriages, births] = JSON.parse(text), sexes = [...letters].map((sign) => ({ m: "male", f: "female" })[sign] ?? null);
    const family = { people, sexes, marriages, births }, places = (several, least, most) => Array.isArray(several) && several.length >= least && several.length <= most &&
      new Set(several).size === several.length && several.every((k) => Number.isInteger(k) && k >= 0 && k < people.length);
    if (people.length > MOST_PEOPLE || people.length !== sexes.length || people.some((name, k) => typeof name !== "string" || nameProblem(family, name, k))) return null;
    if (!marriages.every((pair) => places(pair, 2, 2)) || !births.every((birth) => places(birth, 2, 3))) return null;
    const kin = kinOf(family);
    if (new Set(births.map(([child]) => child)).size !== births.length || people.some((_, k) => ancestors(kin, k).has(k))) return null;
    return taskOfFamily(family).cases.length < 4 ? null : family;
  } catch {
    return null;
  }
}

/** The family as a table that `--tree` reads. A cell that a spreadsheet would take for a formula is quoted by the reader's rule. */
export function csvOfFamily({ people, sexes, marriages, births }) {
  const cell = (text) => (/[",;\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text), rows = ["kind,person,sex,other,parent2,born,died"];
  people.forEach((name, k) => rows.push(`person,${cell(name)},${SEX_SIGNS[sexes[k]] ?? ""},,,,`));
  for (const [one, other] of marriages) rows.push(`marriage,${cell(people[one])},,${cell(people[other])},,,`);
  for (const [child, ...parents] of births) rows.push(`child,${cell(people[child])},,${parents.map((k) => cell(people[k])).join(",")}${parents.length < 2 ? "," : ""},,`);
  return `${rows.join("\n")}\n`;
}
