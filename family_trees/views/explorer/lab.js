// The laboratory: one network with everything that it was at every sweep so far. It is trained by a worker, and any moment
// can be had again, to the last bit: moments are kept at some sweeps, and those between are computed anew.
import { judge, stateFor } from "./judging.js";
import { makeNetwork, weightsOf } from "./network.js";
import { makeRunner, momentOf } from "./runner.js";
import { networkOf } from "./successor.js";
import { makeTrainer } from "./training.js";

/** The most moments that are kept, and the fewest sweeps between two of them. */
const MOST_MOMENTS = 1000, LEAST_SPACING = 5;

/** The line in the text of this program above which everything also runs in the worker. */
const WORKER_LINE = "// ==== The worker ends here ====";

/** A worker made from the text of this page, or, where the browser allows none, the same in the page. */
export function startWorker(onMessage) {
  const inPage = () => {
    const runner = makeRunner((message) => onMessage(message));
    return { send: (order) => runner.receive(order) };
  };
  try {
    const program = document.getElementById("program").textContent.split(WORKER_LINE)[0];
    const listen = "const workerRunner = makeRunner((m, t) => postMessage(m, t ?? [])); onmessage = (e) => workerRunner.receive(e.data);";
    const address = URL.createObjectURL(new Blob([program, "\n", listen], { type: "text/javascript" }));
    const worker = new Worker(address);
    let sound = { send: (order) => worker.postMessage(order) }, last = null;
    worker.onmessage = (event) => onMessage(event.data);
    worker.onerror = () => { // it never ran: from now on the page does the work
      sound = inPage();
      if (last) sound.send(last);
    };
    return { send: (order) => { last = order; sound.send(order); } };
  } catch {
    return inPage();
  }
}

/** A network in training.
 *  setting: { layers or, for a successor, rows, recipe, cases: [person, relation, answers] each, heldOut: places, people, relations, seed, number }. */
export function makeLab(setting, id, send) {
  const { recipe, seed, number, layers, rows, people, relations } = setting, learner = { layers, rows, people, relations }, network = networkOf(learner);
  const cases = allCasesOf(setting), made = sparseCases(network, setting);
  const state = stateFor(network), spacing = Math.max(LEAST_SPACING, Math.ceil(recipe.sweeps / MOST_MOMENTS));
  const trainerAt = (from) => makeTrainer(network, recipe, cases, from ? { seed, number, sweep: from.sweep,
    weights: weightsOf(network, from.weights, 0), changes: weightsOf(network, from.changes, 0) } : { seed, number });
  const moments = [momentOf(network, trainerAt(null), recipe, made, state)];
  const lab = {
    id, network, cases, made, state, recipe, setting, moments, exact: true, problem: "",
    get reached() { return moments.at(-1).sweep; },
    last: recipe.sweeps,
    /** Take moments from the worker; those that are known already change nothing. */
    add(more) { for (const each of more) if (each.sweep > lab.reached) moments.push(each); },
    /** Have the worker train up to a sweep. */
    ask(to) {
      if (to <= lab.reached) return;
      send({ kind: "train", id, learner, recipe, cases, seed, number, from: moments.at(-1), to, spacing });
    },
    /** The network after a sweep, or after the last one before it that is known. */
    at(sweep) {
      const before = moments[lastUpTo(moments, sweep)];
      if (before.sweep === sweep || (before === moments.at(-1) && sweep - before.sweep > 2 * spacing)) return opened(before);
      const found = between.get(sweep) ?? momentOf(network, trainerAt(before).trainTo(sweep), recipe, made, state);
      if (sweep > lab.reached && sweep % spacing === 0) moments.push(found);
      if (between.size > 20) between.clear();
      between.set(sweep, found);
      return opened(found);
    },
  };
  const between = new Map(), opened = opener(network);
  return lab;
}

/** The same of moments that were recorded, for networks that the page does not train itself. Only the `listed` cases are
 *  looked at: large families have too many. */
export function makeRecordedLab(setting, id, recorded, listed) {
  const network = makeNetwork(setting.layers), { recipe } = setting, made = sparseCases(network, setting), state = stateFor(network);
  const moments = recorded.sweeps.map((sweep, k) => {
    const cut = (numbers) => numbers?.slice(k * network.size, (k + 1) * network.size) ?? null;
    const weights = cut(recorded.weights), changes = cut(recorded.changes);
    if (weights.length !== network.size) throw new Error(`${recorded.weights.length} weights`);
    return { sweep, weights, changes, ...(recorded.error ? { error: recorded.error[k], count: recorded.right[k], heldCount: recorded.heldRight[k] }
      : judge(network, weightsOf(network, weights, 0), recipe, made, state)) };
  });
  const look = (moment) => { moment.right ??= judge(network, weightsOf(network, moment.weights, 0), recipe, made, state, null, listed).right; };
  const opened = opener(network, look);
  let cases = null;
  return { id, network, made, get cases() { return (cases ??= allCasesOf(setting)); }, state, recipe, setting, moments, exact: false, problem: "",
           get reached() { return moments.at(-1).sweep; }, last: moments.at(-1).sweep,
           add() {}, ask() {}, at: (sweep) => opened(moments[Math.max(0, lastUpTo(moments, sweep))]) };
}

/** Gives a moment its weights by connection; the last one asked for is kept. */
function opener(network, look = () => {}) {
  let last = null;
  return (moment) => {
    look(moment);
    if (last?.moment !== moment)
      last = { moment, sweep: moment.sweep, error: moment.error, right: moment.right, flat: moment.weights,
               weights: weightsOf(network, moment.weights, 0),
               changes: moment.changes ? weightsOf(network, moment.changes, 0) : null };
    return last;
  };
}

/** The place of the last moment up to a sweep. */
function lastUpTo(moments, sweep) {
  let low = 0, high = moments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (moments[middle].sweep <= sweep) low = middle;
    else high = middle - 1;
  }
  return low;
}

export const oneHot = (size, places) => {
  const all = new Float64Array(size);
  for (const k of places) all[k] = 1;
  return all;
};

/** The cases as the passes take them, without arrays of zeros between: large families have many cases. */
function sparseCases(network, { cases, heldOut, recipe }) {
  const out = new Set(heldOut), place = (name) => network.layer[name].place, one = Float64Array.of(1);
  return cases.map(([person, relation, answers], k) => {
    const own = { person, relation }, share = recipe.error_signal === "softmax" ? 1 / (answers.length || 1) : 1;
    return { heldOut: out.has(k), desired: { places: Int32Array.from(answers).sort(), values: new Float64Array(answers.length).fill(share) },
             inputs: network.inputs.map(({ name }) => ({ layer: place(name), places: Int32Array.of(own[name]), values: one })) };
  });
}

/** All cases of a setting. The place of a case says to which partial sum it adds, so those held out are among them. */
export function allCasesOf({ cases, heldOut, people, relations }) {
  const out = new Set(heldOut);
  return cases.map(([person, relation, answers], k) => ({
    inputs: { person: oneHot(people, [person]), relation: oneHot(relations, [relation]) },
    desired: oneHot(people, answers), heldOut: out.has(k),
  }));
}
