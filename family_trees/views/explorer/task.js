// What is asked: people, relations, cases and their twins, and the layers of the network that learns them.
import { BIAS } from "./network.js";
import { drawSplit } from "./random.js";

/** Refuses damaged data before anything is counted with them: a wrong size could take for ever. */
export function checkData(data) {
  const { people, relations, layers, cases, fingerprint = "", recipe, recorded = null, groups, trees, heldOut } = data;
  const wholes = (several, size) => Array.isArray(several) && several.every((n) => Number.isInteger(n) && n >= 0 && n < size);
  const names = (several) => Array.isArray(several) && several.length && several.every((name) => typeof name === "string");
  const demand = (good, what) => { if (!good) throw new Error(what); };
  demand(names(people) && names(relations), "names");
  demand(Array.isArray(layers) && layers.length > 1 && wholes(layers.map((layer) => layer.units), 1e6), "layers");
  demand(layers.every((layer) => typeof layer.name === "string" && Array.isArray(layer.sees)), "layers");
  demand(layers[0].units === people.length && layers.at(-1).units === people.length, "layers");
  demand(layers.some((layer) => layer.name === "relation" && layer.units === relations.length), "layers");
  const fits = (each) => Array.isArray(each) && wholes([each[0]], people.length) && wholes([each[1]], relations.length) &&
    wholes(each[2], people.length);
  demand(Array.isArray(cases) && cases.length && cases.every(fits), "cases");
  demand(wholes(heldOut, cases.length), "held-out cases");
  demand(typeof fingerprint === "string", "fingerprint");
  checkRecipe(recipe);
  demand(data.recipes && Object.values(data.recipes).length, "recipes");
  Object.values(data.recipes).forEach(checkRecipe);
  if (data.successor) {
    const { rows, batch, recipes } = data.successor;
    demand(wholes([rows, batch], 1000) && rows > 0 && batch > 0 && Array.isArray(recipes), "successor");
    recipes.forEach(checkRecipe);
  }
  demand(/^\d{1,20}$/.test(String(data.seed)) && Number.isInteger(data.network) && data.network >= 0, "seed");
  demand(recorded === null || (wholes(recorded.sweeps, 1e12) && recorded.sweeps.length && (typeof recorded.weights === "string" || recorded.weights instanceof Float64Array) &&
    (!recorded.told || ["error", "right", "heldRight"].every((key) => Array.isArray(recorded.told[key]) && recorded.told[key].length === recorded.sweeps.length && recorded.told[key].every(Number.isFinite)))), "moments");
  demand(trees === null || (Array.isArray(trees) && trees.every((tree) => Array.isArray(tree.places) && Array.isArray(tree.lines) &&
    wholes(tree.places.map(([k]) => k), people.length))), "trees");
  for (const [kind, size] of [["person", people.length], ["relation", relations.length]])
    demand(Array.isArray(groups?.[kind]) && groups[kind].every((each) => typeof each.name === "string" &&
      Array.isArray(each.groups) && each.groups.length === size && each.groups.every((g) => Number.isInteger(g) && g >= -1 && g < size)), "groups");
}

const RANGES = { epsilon: [0, 1e6], alpha: [0, 1], decay: [0, 1], margin: [0, 0.5], initial_range: [0, 1000] };

/** Refuses a recipe that no command would take. */
export function checkRecipe(recipe) {
  const wrong = (key) => { throw new Error(`recipe: ${key}`); };
  if (typeof recipe !== "object" || recipe === null) wrong("missing");
  for (const [key, [low, high]] of Object.entries(RANGES))
    for (const each of [recipe[key]].flat()) if (!(typeof each === "number" && each >= low && each <= high)) wrong(key);
  for (const key of ["epsilon", "alpha"]) if (!Array.isArray(recipe[key]) || recipe[key].length !== 2) wrong(key);
  for (const key of ["sweeps", "first_phase", "batch", "decay_from"])
    if (!Number.isInteger(recipe[key]) || recipe[key] < 0 || recipe[key] > 1e9) wrong(key);
  if (!["squared", "cross-entropy", "softmax"].includes(recipe.error_signal)) wrong("error_signal");
  if (typeof recipe.name !== "string") wrong("name");
}

/** The task of the page's data: what `data` says, with what follows from it. */
export function taskOfData(data) {
  const { people, relations, cases, layers, trees, equivalents, groups, families } = data;
  return completed({ people, relations, cases, trees, equivalents, groups, families, layers: plainLayers(layers, data.recipe) });
}

let tasks = 0;

/** A task with an `id`, the places of its cases and their twins: other cases of the same relation with the same answers. */
export function completed(task) {
  const place = new Map(task.cases.map(([person, relation], k) => [`${person} ${relation}`, k])), sets = new Map();
  const key = ([, relation, answers]) => `${relation}:${[...answers].sort((a, b) => a - b)}`;
  for (const [k, each] of task.cases.entries()) sets.set(key(each), [...(sets.get(key(each)) ?? []), k]);
  const twins = task.cases.map((each, k) => sets.get(key(each)).filter((other) => other !== k));
  return { ...task, id: ++tasks, twins, caseAt: (person, relation) => place.get(`${person} ${relation}`) ?? -1 };
}

/** The layers before a recipe chose their units. */
function plainLayers(layers, recipe) {
  const output = layers.at(-1);
  return layers.map((layer) => layer.sees.length ? { ...layer,
    kind: layer === output || recipe.units !== "logistic" ? "logistic" : layer.kind,
    sees: recipe.biases === false && !layer.sees.includes(BIAS) ? [...layer.sees, BIAS] : layer.sees } : layer);
}

/** The layers with the units and biases of a recipe. */
export function layersFor(layers, recipe) {
  return layers.map((layer, k) => {
    if (!layer.sees.length) return layer;
    const kind = k === layers.length - 1 ? (recipe.error_signal === "softmax" ? "softmax" : "logistic")
      : recipe.units === "logistic" ? layer.kind : recipe.units;
    return { ...layer, kind, sees: layer.sees.filter((seen) => recipe.biases !== false || seen !== BIAS) };
  });
}

/** The places of the cases that are held out: those that were chosen, or as many as the network draws. */
export function heldOutOf(task, { heldOut, heldCount, seed, number }) {
  if (heldOut) return heldOut;
  return [...drawSplit(task.cases.length, Math.min(heldCount, task.cases.length - 1), seed, number)];
}
