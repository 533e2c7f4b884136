// A model of the command line opened in the page, and the network of the page as a model file.
import { fingerprint } from "./fingerprint.js";
import { countRight, judge } from "./judging.js";
import { weightsOf } from "./network.js";
import { npzBytes, readNpz } from "./npz.js";
import { taskOfFamily } from "./family.js";
import { openSession, session, tell } from "./session.js";
import { sameRecipe } from "./store.js";

const FORMAT = "family-trees model", FORMAT_VERSION = 3, ARITHMETIC = 1, MOST_SAVED = 40, LARGEST_SWEEP = 10_000_000;

/** The network at the sweep that is shown, as a model file: what `family-trees query --model` and the others read. */
export function modelFile(now) {
  const { lab, state, task, moment, network, data } = now, own = lab.moments.filter((each) => each.sweep < moment.sweep);
  const some = thinned(own, MOST_SAVED - 1).concat([moment.moment]), known = Object.values(data.recipes).some((each) => sameRecipe(each, { ...state.recipe, sweeps: moment.sweep }));
  const recipe = { ...state.recipe, sweeps: moment.sweep, name: known || state.recipe.name.endsWith("changed") ? state.recipe.name : `${state.recipe.name}, changed` };
  const named = ([person, relation]) => [task.people[person], task.relations[relation]];
  const about = JSON.stringify({
    format: FORMAT, format_version: FORMAT_VERSION, version: data.version, arithmetic: ARITHMETIC, fingerprint: fingerprint(moment.weights),
    architecture: network.layers.map(({ name, units, sees, copies, kind }) => ({ name, units, sees, copies: copies ?? null, kind })),
    recipe, seed: "SEED", network: state.number, held_out: lab.setting.heldOut.map((k) => named(task.cases[k])), people: task.people, relations: task.relations,
    triples: task.cases.flatMap((each) => each[2].map((k) => [...named(each), task.people[k]])),
  }).replace('"seed":"SEED"', `"seed":${BigInt(state.seed)}`);
  const arrays = { about: array("|u1", new TextEncoder().encode(about)) };
  const each = (prefix, weights) => network.connections.forEach(({ below, above }, k) => { arrays[`${prefix} ${below} -> ${above}`] = array("<f8", weights[k], [network.units[below], network.units[above]]); });
  each("weights", moment.weights);
  const judged = some.map((one) => judge(network, weightsOf(network, one.weights, 0), { ...recipe, error_signal: recipe.error_signal === "softmax" ? "softmax" : "squared" }, lab.made, lab.state));
  const whole = (numbers) => BigInt64Array.from(numbers, BigInt);
  arrays["curve sweep"] = array("<i8", whole(some.map((one) => one.sweep)));
  arrays["curve squared_error"] = array("<f8", Float64Array.from(judged, (one) => one.error), [1, some.length]);
  arrays["curve training_right"] = array("<i8", whole(judged.map((one) => countRight(one.right, lab.made))), [1, some.length]);
  arrays["curve held_out_right"] = array("<i8", whole(judged.map((one) => countRight(one.right, lab.made, true))), [1, some.length]);
  arrays["trajectory sweeps"] = arrays["curve sweep"];
  for (const [what, key] of [["weights", "weights"], ["changes", "changes"]])
    network.connections.forEach(({ below, above, offset, size }) => {
      const numbers = new Float64Array(some.length * size);
      some.forEach((one, m) => numbers.set(one[key].subarray(offset, offset + size), m * size));
      arrays[`trajectory ${what} ${below} -> ${above}`] = array("<f8", numbers, [some.length, network.units[below], network.units[above]]);
    });
  return npzBytes(arrays);
}

const array = (kind, numbers, shape = [numbers.length]) => ({ kind, numbers, shape });

function thinned(moments, most) {
  if (moments.length <= most) return moments;
  return Array.from({ length: most }, (_, k) => moments[Math.round((k * (moments.length - 1)) / (most - 1))]);
}

/** The data of a page for a model file. `drawn(data)` adds what follows from its facts: trees, groups, families. */
export function dataOfModel(buffer, drawn) {
  const arrays = readNpz(buffer), about = JSON.parse(new TextDecoder().decode(arrays.about.numbers));
  if (about.format !== FORMAT) throw new Error("format");
  const people = new Map(about.people.map((name, k) => [name, k])), relations = new Map(about.relations.map((name, k) => [name, k])), answers = new Map();
  for (const [one, relation, other] of about.triples) {
    const key = people.get(one) * about.relations.length + relations.get(relation);
    answers.set(key, [...(answers.get(key) ?? []), people.get(other)]);
  }
  const size = about.relations.length, keys = [...answers.keys()].sort((a, b) => a - b);
  const cases = keys.map((key) => [Math.floor(key / size), key % size, answers.get(key).sort((a, b) => a - b)]);
  const heldOut = about.held_out.map(([person, relation]) => keys.indexOf(people.get(person) * size + relations.get(relation))).sort((a, b) => a - b);
  const layers = about.architecture.map((layer) => ({ sees: [], copies: null, kind: "logistic", ...layer })), recipe = { ...session.data.recipes.published, ...about.recipe };
  if (layers.some((layer) => layer.copies)) throw new Error("copies");
  const seed = about.seed > Number.MAX_SAFE_INTEGER ? /"seed":\s*(\d+)/.exec(new TextDecoder().decode(arrays.about.numbers))[1] : about.seed;
  const trains = about.arithmetic === ARITHMETIC && recipe.sweeps * cases.length * people.size ** 2 < 1e10 && recipe.sweeps <= LARGEST_SWEEP;
  return drawn({ version: about.version, network: about.network, seed, recipe, recipes: session.data.recipes, successor: session.data.successor, fingerprint: about.fingerprint ?? "",
    people: about.people, relations: about.relations, layers, cases, heldOut, recorded: trains ? null : recordedIn(arrays, layers, recipe) });
}

/** Open a model file instead of the network of the page. */
export function openModel(buffer) {
  openSession(dataOfModel(buffer, withWhatFollows), session.texts);
  tell({ type: "opened" });
}

const SEXES = { husband: "male", wife: "female", son: "male", daughter: "female", father: "male", mother: "female", brother: "male", sister: "female", nephew: "male", niece: "female", uncle: "male", aunt: "female" };

/** Data with trees, groups and families: those of the page where the facts are the same, else what the facts say. */
function withWhatFollows(data) {
  const { data: own } = session, same = (one, other) => JSON.stringify(one) === JSON.stringify(other), parts = ({ people, relations, cases }) => [people, relations, cases];
  if (same(parts(data), parts(own))) return { ...data, trees: own.trees, groups: own.groups, families: own.families, equivalents: own.equivalents, window: own.window, tree: own.tree };
  const found = taskOfFamily(familyOfFacts(data)), known = same(parts(found), parts(data));
  return { ...data, tree: true, equivalents: null, window: null, trees: known ? found.trees : null, groups: known ? found.groups : { person: [], relation: [] }, families: known ? found.families : null };
}

/** The families that facts tell of: sexes, couples, and the parents of everybody. */
function familyOfFacts({ people, relations, cases }) {
  const sexes = people.map(() => null), marriages = new Map(), parents = people.map(() => new Set());
  for (const [person, relation, answers] of cases)
    for (const other of answers) {
      const word = relations[relation], pair = word === "husband" ? [other, person] : [person, other];
      sexes[other] ??= SEXES[word] ?? null;
      if (word === "husband" || word === "wife") marriages.set([...pair].sort((a, b) => a - b).join(), marriages.get([...pair].sort((a, b) => a - b).join()) ?? pair);
      else if (word === "father" || word === "mother") parents[person].add(other);
      else if (word === "son" || word === "daughter") parents[other].add(person);
    }
  return { people, sexes, marriages: [...marriages.values()], births: parents.flatMap((of, child) => (of.size ? [[child, ...of]] : [])) };
}

/** The moments that a model file holds: those of its training, or the last one alone. */
function recordedIn(arrays, layers, recipe) {
  const sweeps = arrays["trajectory sweeps"] ? [...arrays["trajectory sweeps"].numbers].map(Number) : [recipe.sweeps], many = Boolean(arrays["trajectory sweeps"]);
  const names = layers.flatMap(({ name, sees }) => sees.map((below) => `${below} -> ${name}`));
  const together = (what) => {
    const parts = names.map((name) => arrays[`${many ? `trajectory ${what}` : what} ${name}`].numbers), size = parts.reduce((sum, each) => sum + each.length / sweeps.length, 0);
    const all = new Float64Array(size * sweeps.length);
    let at = 0;
    for (let m = 0; m < sweeps.length; m++)
      for (const part of parts) {
        const own = part.length / sweeps.length;
        all.set(part.subarray(m * own, (m + 1) * own), at);
        at += own;
      }
    return all;
  };
  return { sweeps, bits: 64, told: null, weights: together("weights"), changes: many ? together("changes") : null };
}
