// The address: everything that the page shows, after the # of its link. A link that says nonsense opens what it can.
import { session, firstStateOf, taskFor } from "./session.js";
import { familyOfText, textOfFamily, usualHeldOut } from "./family.js";
import { SPEEDS, FLOWS, TABS, TOUR_STEPS, sameRecipe, withSetting } from "./store.js";
import { checkRecipe } from "./task.js";

/** The language of a page whose link names none: that of the browser, if there are texts of it. */
export const usualLanguage = () => (globalThis.navigator?.language?.startsWith("ko") ? "ko" : "en");

/** Whether `text` is a whole number, written as one, from 0 to below `size`. */
export const within = (text, size) => /^(0|[1-9]\d*)$/.test(text ?? "") && Number(text) < size;

export function splitLast(text, mark) {
  const at = text.lastIndexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
const unitOf = (text, network) => {
  const [layer, place] = splitLast(text ?? "", ".");
  return Object.hasOwn(network.units, layer) && layer in network.layer && within(place, network.layer[layer].units) ? [layer, +place] : null;
};
const weightOf = (text, network) => {
  const [rest, j] = splitLast(text ?? "", "."), [key, i] = splitLast(rest, ".");
  const connection = within(key, network.connections.length) ? network.connections[key] : null;
  return connection && within(i, network.units[connection.below]) && within(j, network.units[connection.above]) ? [key, +i, +j] : null;
};

/** The numbers of a recipe that a link may change, and the word for each. */
const SETTINGS = { epsilon: "epsilon", range: "initial_range", alpha: "alpha", decay: "decay", margin: "margin", sweeps: "sweeps" };
/** Sweeps that the page is ready to train. */
export const MOST_SWEEPS = 20000;
const settingOf = (recipe, key) => [recipe[key]].flat().at(-1);
/** The most characters of a task that a teacher sets. */
export const MOST_TASK = 300;
export const isHidden = (unit, network) => Boolean(unit && network.layer[unit[0]].sees.length && unit[0] !== network.output.name);

/** The fragment of the address that opens this state. */
export function hashOf(state) {
  const { data, task, lab } = session, own = firstStateOf(data), p = new URLSearchParams();
  p.set("person", task.people[state.person]);
  p.set("relation", task.relations[state.relation]);
  p.set("sweep", Math.min(state.sweep, lab.last));
  if (state.family) p.set("family", textOfFamily(state.family));
  if (state.number !== own.number) p.set("network", state.number);
  if (String(state.seed) !== String(own.seed)) p.set("seed", state.seed);
  if (state.recipe !== own.recipe) {
    const base = data.recipes[state.recipe.name] ?? own.recipe;
    p.set("recipe", base.name);
    for (const [word, key] of Object.entries(SETTINGS))
      if (settingOf(state.recipe, key) !== settingOf(base, key)) p.set(word, settingOf(state.recipe, key));
  }
  const usual = state.family ? usualHeldOut(task.cases.length) : own.heldCount;
  if (state.heldOut !== (state.family ? null : own.heldOut) || state.heldCount !== usual) {
    if (!state.heldOut) p.set("held", state.heldCount);
    else p.set("out", state.heldOut.map((k) => task.cases[k].slice(0, 2).join("-")).join("."));
  }
  if (state.unit) p.set("unit", state.unit.join("."));
  if (state.weight) p.set("weight", state.weight.join("."));
  for (const each of state.off) p.append("off", each);
  for (const each of state.flips) p.append("flip", each);
  if (state.swap) p.set("swap", state.swap.join("."));
  for (const key of ["tab", "flow"]) if (state[key] !== own[key]) p.set(key, state[key]);
  for (const key of ["speed", "pass", "tour"]) if (state[key] !== own[key] && state[key] !== null) p.set(key, state[key]);
  if (state.twenty) p.set("twenty", "1");
  if (state.lesson) p.set("lesson", state.lesson);
  if (state.step) p.set("step", state.step);
  if (state.hide.length) p.set("hide", state.hide.join("."));
  if (state.lang !== "en" || usualLanguage() !== "en") p.set("lang", state.lang);
  return `#${p}`;
}

/** The state that a fragment asks for, first what makes the network, so that its units can be checked. */
export function networkOfHash(fragment) {
  const { data } = session, own = firstStateOf(data), p = new URLSearchParams(fragment.replace(/^#/, ""));
  const family = p.has("family") && data.families ? familyOfText(p.get("family")) : null, state = { ...own, family };
  const task = taskFor(state);
  if (family) Object.assign(state, { heldOut: null, heldCount: usualHeldOut(task.cases.length), person: task.cases[0][0], relation: task.cases[0][1] });
  if (data.part) return state; // too large a network to be trained in the page
  if (within(p.get("network"), 2 ** 32)) state.number = Number(p.get("network"));
  if (/^\d{1,20}$/.test(p.get("seed") ?? "") && BigInt(p.get("seed")) < 1n << 64n)
    state.seed = Number.isSafeInteger(Number(p.get("seed"))) ? Number(p.get("seed")) : p.get("seed");
  state.recipe = recipeOf(p, own.recipe);
  if (within(p.get("held"), task.cases.length)) Object.assign(state, { heldOut: null, heldCount: Number(p.get("held")) });
  if (p.has("out")) {
    const places = p.get("out").split(".").map((each) => task.caseAt(...each.split("-"))).filter((k) => k >= 0);
    state.heldOut = [...new Set(places)].sort((a, b) => a - b);
  }
  return state;
}

function recipeOf(p, own) {
  const { recipes } = session.data, name = p.get("recipe");
  let recipe = Object.hasOwn(recipes, name ?? "") && !(sameRecipe(recipes[name], own)) ? recipes[name] : own;
  for (const [word, key] of Object.entries(SETTINGS)) {
    const text = p.get(word), value = Number(text);
    if (!text || !Number.isFinite(value) || value === settingOf(recipe, key)) continue;
    const changed = withSetting(recipe, key, value);
    try {
      checkRecipe(changed);
      if (changed.sweeps <= MOST_SWEEPS && changed.epsilon[1] > 0 && [changed.initial_range].flat().every((r) => r > 0)) recipe = changed;
    } catch { /* a number that no recipe has is passed over */ }
  }
  return recipe;
}

/** The rest of a state, once the network is known. */
export function viewOfHash(fragment, state) {
  const { task, lab, texts } = session, { network } = lab, p = new URLSearchParams(fragment.replace(/^#/, "")), v = { ...state };
  const person = task.people.indexOf(p.get("person")), relation = task.relations.indexOf(p.get("relation"));
  if (person >= 0 && relation >= 0) Object.assign(v, { person, relation });
  if (within(p.get("sweep"), 1e9)) v.sweep = Math.min(Number(p.get("sweep")), lab.last);
  v.unit = unitOf(p.get("unit"), network);
  v.weight = weightOf(p.get("weight"), network);
  if (v.weight && !v.unit) v.unit = [network.connections[v.weight[0]].above, v.weight[2]];
  v.off = new Set(p.getAll("off").filter((each) => isHidden(unitOf(each, network), network)));
  v.flips = new Set(p.getAll("flip").filter((each) => weightOf(each, network)));
  const swap = (p.get("swap") ?? "").split(".");
  v.swap = swap.length === 2 && swap.every((each) => within(each, task.people.length)) && swap[0] !== swap[1] ? swap.map(Number) : null;
  for (const [key, known] of [["tab", TABS], ["flow", FLOWS]]) if (known.includes(p.get(key))) v[key] = p.get(key);
  for (const [key, size] of [["speed", SPEEDS.length], ["pass", 20], ["tour", TOUR_STEPS]]) if (within(p.get(key), size)) v[key] = Number(p.get(key));
  v.twenty = p.get("twenty") === "1";
  if (/^[a-z-]{1,20}$/.test(p.get("lesson") ?? "")) v.lesson = p.get("lesson");
  v.step = (p.get("step") ?? "").slice(0, MOST_TASK);
  v.hide = (p.get("hide") ?? "").split(".").filter((each) => /^[a-z]{1,20}$/.test(each));
  v.lang = Object.hasOwn(texts, p.get("lang") ?? "") ? p.get("lang") : usualLanguage();
  return v;
}
