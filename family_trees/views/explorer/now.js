// What is computed from the state: the network at the sweep that is shown, its two passes for the question, and its cases.
import { isHidden, splitLast } from "./address.js";
import { bothPasses, gradient, isRight, placesOff, wholeError } from "./engine.js";
import { countRight, judge } from "./judging.js";
import { oneHot } from "./lab.js";
import { namedLayersOf } from "./measure.js";
import { session } from "./session.js";
import { weightChange } from "./training.js";
import { vocabulary } from "./words.js";

/** A unit above this is on. */
export const HALF = 0.5;
export const placeOf = (text) => {
  const [rest, j] = splitLast(text, "."), [key, i] = splitLast(rest, ".");
  return { key, i: +i, j: +j, k: +i * session.lab.network.units[session.lab.network.connections[key].above] + +j };
};
export const altered = (state) => state.off.size > 0 || state.flips.size > 0 || state.swap !== null;

/** The weights of a moment with what the visitor changed: signs flipped, two people swapped. */
export function changedWeights(lab, moment, { flips, swap }) {
  if (!flips.size && !swap) return moment.weights;
  const weights = moment.weights.map((w) => w.slice()), { network } = lab;
  for (const each of flips) {
    const { key, k } = placeOf(each);
    if (weights[key]) weights[key][k] *= -1;
  }
  if (swap)
    for (const { key, below, above } of network.connections.filter((c) => c.below === "person")) {
      const units = network.units[above], [a, b] = swap;
      for (let j = 0; j < units; j++)
        [weights[key][a * units + j], weights[key][b * units + j]] = [weights[key][b * units + j], weights[key][a * units + j]];
    }
  return weights;
}

/** Everything that views show, computed once for a state. Costly parts are computed when they are asked for. */
export function compute(state) {
  const { lab, task, data } = session, { network, recipe } = lab;
  const moment = lab.at(Math.min(state.sweep, lab.last));
  const at = task.caseAt(state.person, state.relation), answers = at < 0 ? [] : task.cases[at][2];
  const inputs = { person: oneHot(task.people.length, [state.person]), relation: oneHot(task.relations.length, [state.relation]) };
  const weights = changedWeights(lab, moment, state), desired = oneHot(task.people.length, answers);
  const back = bothPasses(network, weights, inputs, desired, recipe, state.off), out = back.y[network.output.name];
  const now = { state, lab, task, data, network, recipe, moment, sweep: moment.sweep, at, answers, inputs, weights, desired, back,
    x: back.x, y: back.y, out, isHeldOut: (k) => lab.made[k].heldOut, right: isRight(out, desired),
    rightOf: moment.right, ahead: lab.exact && state.sweep > moment.sweep };
  now.shown = shownPeople(now);
  now.named = (session.namedOf?.lab === lab ? session.namedOf : (session.namedOf = { lab, named: namedLayersOf(network, task.groups) })).named;
  return now;
}

/** The people on the page, in order. The person asked about, the answers and a selected person are always among them. */
function shownPeople({ data, state, answers, out, task, network }) {
  if (!data.part || state.family) return task.people.map((_, k) => k);
  const people = new Set([...data.part, state.person, ...answers]);
  out.forEach((y, k) => { if (y > HALF && people.size < 2 * data.part.length) people.add(k); });
  for (const unit of [state.unit, inHand(state, network)]) if (unit && vocabulary(unit[0]) === task.people) people.add(unit[1]);
  if (state.weight && vocabulary(network.connections[state.weight[0]].below) === task.people) people.add(state.weight[1]);
  return [...people];
}

/** The units of a layer that stand on the page. */
export const unitsShown = (now, name) => (now.data.part && vocabulary(name) === now.task.people ? now.shown
  : Array.from({ length: now.network.units[name] }, (_, k) => k));

/** The unit whose equations are shown: the one chosen, or the one above the weight chosen. */
export const inHand = (state, network) =>
  (state.weight ? [network.connections[state.weight[0]].above, state.weight[2]] : state.unit);
export const hiddenUnit = (unit, network) => isHidden(unit, network);

/** The cases that are looked through: all, or those of the people who are shown. */
export const listedCases = ({ task, data }) => task.cases.flatMap(([person], k) => (!data.part || data.part.includes(person) ? [k] : []));

/** Which cases are right with the visitor's changes. */
export function rightAfter(now) {
  const { lab, network, recipe, state, weights } = now;
  return altered(state) ? judge(network, weights, recipe, lab.made, lab.state, placesOff(network, state.off), listedCases(now)).right : now.moment.right;
}

/** The share of its initial range below which all weights of a layer have vanished. */
const VANISHED = 0.5;

/** Whether a layer means nothing, whatever its weights explain: all of them have vanished, and no case is right. */
export function hasVanished(now, layer) {
  const { moment, named, recipe, sweep } = now, each = named.find((one) => one.layer === layer);
  if (!each || sweep === 0 || moment.right.some(Boolean)) return false;
  const range = Math.max(...[recipe.initial_range].flat());
  return moment.weights[each.connection].every((w) => Math.abs(w) < VANISHED * range);
}

export const counts = (now, right = now.moment.right) => {
  const { made } = now.lab, held = made.filter((each) => each.heldOut).length;
  const { count, heldCount } = now.lab.exact ? {} : now.moment.moment; // of recorded moments, Python has counted all cases
  return { right: count ?? countRight(right, made), cases: made.length - held, heldRight: heldCount ?? countRight(right, made, true), held };
};

/** E over all training cases, with the visitor's changes. */
export const errorOfAll = (now) => (altered(now.state) ? wholeError(now.network, now.weights, now.lab.cases, now.recipe, now.state.off) : now.moment.error);

/** The change that the next sweep makes to a weight: equations 6, 8 and 9. */
export function stepOf(now, [key, i, j]) {
  const { network, recipe, lab, moment } = now, connection = network.connections[key], k = i * network.units[connection.above] + j;
  const cases = lab.made.filter((each) => !each.heldOut).length;
  const sum = gradient(network, now.weights, lab.cases, recipe, now.state.off)[key][k], before = moment.changes?.[key][k] ?? 0;
  return { sum, before, ...weightChange(network, recipe, connection, now.weights[key][k], sum, before, moment.sweep + 1, cases) };
}
