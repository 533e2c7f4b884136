// The paper's equations 1 to 7 for one network, in the arithmetic of ARITHMETIC.md. The two passes work on a `state`, whose
// arrays are used again for every case; training and the page go through the same passes. A term that is 0 is left out of
// a sum: it changes none.
import { PARTIAL_SUMS, activate, addPartialSums, slopeOf, throughUnits } from "./arithmetic.js";
import { BIAS, named } from "./network.js";

/** What the passes know of one case. By layer: total inputs x, activities y, dE/dy and dE/dx, and the places of the units
 *  that may be on (`active`: all units, or those of an input layer that are not 0). Of the output units: what they should
 *  be (d), and the difference from it that counts as error (f). */
export function makeState(network) {
  const numbers = () => network.layers.map((layer) => new Float64Array(layer.units));
  const active = network.layers.map((layer) => Int32Array.from({ length: layer.sees.length ? layer.units : 0 }, (_, k) => k));
  const { units } = network.output;
  return { x: numbers(), y: numbers(), dEdy: numbers(), dEdx: numbers(), active, d: new Float64Array(units), f: new Float64Array(units) };
}

/** A case as the passes take it: of each input layer, and of the desired activities, only what is not 0. */
export function makeCase(network, { inputs, desired, heldOut = false }, signal) {
  const sparse = (numbers) => {
    const places = [];
    for (let k = 0; k < numbers.length; k++) if (numbers[k] !== 0) places.push(k);
    return { places: Int32Array.from(places), values: Float64Array.from(places, (k) => numbers[k]) };
  };
  return { inputs: network.inputs.map((layer) => ({ layer: layer.place, ...sparse(inputs[layer.name]) })),
           desired: sparse(target(desired, signal)), heldOut };
}

/** d as the error takes it: for softmax units it sums to 1. */
export function target(desired, signal) {
  if (signal !== "softmax") return desired;
  const sum = desired.reduce((a, b) => a + b, 0) || 1;
  return desired.map((each) => each / sum);
}

/** Put a case of `makeCase` into the state. */
export function setCase(state, { inputs, desired }) {
  for (const { layer, places, values } of inputs) {
    const y = state.y[layer], before = state.active[layer];
    for (let k = 0; k < before.length; k++) y[before[k]] = 0;
    for (let k = 0; k < places.length; k++) y[places[k]] = values[k];
    state.active[layer] = places;
  }
  state.d.fill(0);
  for (let k = 0; k < desired.places.length; k++) state.d[desired.places[k]] = desired.values[k];
}

/** Equations 1 and 2: x and y of every layer, from the lowest up. `off`: by layer, the places of units held at 0. */
export function forwardPass(network, weights, state, off = null) {
  for (const layer of network.computed) {
    const { units } = layer, x = state.x[layer.place], y = state.y[layer.place];
    if (layer.bias < 0) x.fill(0);
    else x.set(weights[layer.bias]);
    for (const { from, connection } of layer.incoming) addProducts(state.y[from], state.active[from], weights[connection], x, units);
    activate(layer.kind, x, y);
    if (off) for (const j of off[layer.place]) y[j] = 0;
  }
}

/** Add y_i w_ji to each x_j, one i after another. */
function addProducts(y, active, w, x, units) {
  for (let k = 0; k < active.length; k++) {
    const i = active[k], own = y[i], row = i * units;
    if (own !== 0) for (let j = 0; j < units; j++) x[j] += own * w[row + j];
  }
}

/** Equations 4, 5 and 7 after a forward pass: dE/dy and dE/dx of every layer, from the output down. */
export function backwardPass(network, weights, recipe, state, off = null) {
  const { computed, output } = network, { margin, error_signal: signal } = recipe;
  for (const layer of computed) state.dEdy[layer.place].fill(0);
  const out = state.y[output.place], { d, f } = state;
  for (let j = 0; j < out.length; j++) {
    const difference = out[j] - d[j];
    f[j] = margin !== 0 && Math.abs(difference) <= margin ? 0 : difference;
  }
  for (let at = computed.length - 1; at >= 0; at--) {
    const layer = computed[at], { units } = layer, dEdx = state.dEdx[layer.place];
    if (layer !== output) throughUnits(layer.kind, state.dEdy[layer.place], state.y[layer.place], dEdx);
    else if (signal === "squared") throughUnits("logistic", f, out, dEdx);
    else dEdx.set(f); // the slope cancels
    if (off) for (const j of off[layer.place]) dEdx[j] = 0;
    for (const { from, connection } of layer.incoming)
      if (network.layers[from].sees.length) addBack(dEdx, weights[connection], state.dEdy[from], units);
  }
}

/** Equation 7, a part of it: add dE/dx_j w_ji to each dE/dy_i, one j after another. */
function addBack(dEdx, w, dEdy, units) {
  for (let j = 0; j < units; j++) {
    const back = dEdx[j];
    if (back !== 0) for (let i = 0, k = j; i < dEdy.length; i++, k += units) dEdy[i] += back * w[k];
  }
}

/** Equation 6 after a backward pass: add the terms y_i dE/dx_j of this case to the partial sum number `part`. */
export function addGradient(network, state, partial, part) {
  const { computed } = network;
  for (let at = computed.length - 1; at >= 0; at--) {
    const { units, place, bias, incoming } = computed[at], dEdx = state.dEdx[place];
    if (bias >= 0) for (let j = 0, sums = partial[bias], start = part * units; j < units; j++) sums[start + j] += dEdx[j];
    for (const { from, connection } of incoming) {
      const start = part * network.connections[connection].size;
      addTerms(state.y[from], state.active[from], dEdx, partial[connection], start, units);
    }
  }
}

function addTerms(y, active, dEdx, sums, start, units) {
  for (let j = 0; j < units; j++) {
    const back = dEdx[j], column = start + j;
    if (back !== 0) for (let k = 0; k < active.length; k++) sums[column + active[k] * units] += y[active[k]] * back;
  }
}

/** Room for the eight partial sums of every weight, by connection. */
export const makePartialSums = (network) => network.connections.map((c) => new Float64Array(PARTIAL_SUMS * c.size));

/** Equation 6 summed over cases of `makeCase`, by connection. Held-out cases have a number, and no term. */
export function sumGradient(network, weights, recipe, cases, state, partial, sums, off = null) {
  for (const p of partial) p.fill(0);
  for (let c = 0; c < cases.length; c++) {
    if (cases[c].heldOut) continue;
    setCase(state, cases[c]);
    forwardPass(network, weights, state, off);
    backwardPass(network, weights, recipe, state, off);
    addGradient(network, state, partial, c % PARTIAL_SUMS);
  }
  for (let k = 0; k < sums.length; k++) addPartialSums(partial[k], sums[k]);
}

// ---- the same by the names of layers, for the page: cases are { inputs, desired, heldOut }, and `off` holds "layer.place"

const byName = (network, arrays, layers) => named(Object.fromEntries(layers.map((layer) => [layer.name, arrays[layer.place]])));
/** The places of units that are held at 0, by layer, of names "layer.place"; null where there are none. */
export const placesOff = (network, off) => off.size
  ? network.layers.map((layer) => [...Array(layer.units).keys()].filter((k) => off.has(`${layer.name}.${k}`))) : null;

/** The factor of equation 5, of the activity alone. */
export const slope = (network, layer, y) => slopeOf(network.layer[layer].kind, y);

function stateOf(network, weights, of, recipe, off) {
  const state = makeState(network);
  setCase(state, makeCase(network, of, recipe.error_signal));
  forwardPass(network, weights, state, off);
  return state;
}

const activities = (network, state) => ({
  x: byName(network, state.x, network.computed),
  y: Object.assign(byName(network, state.y, network.layers), { [BIAS]: new Float64Array([1]) }),
});

/** Equations 1 and 2: total inputs x and activities y of every layer. */
export const forward = (network, weights, inputs, off = new Set()) =>
  activities(network, stateOf(network, weights, { inputs, desired: [] }, {}, placesOff(network, off)));

/** Equations 1 to 7 for one case: x, y, dE/dy and dE/dx by layer, dE/dw by connection. `sent` is y - d of the output
 *  units, or 0 within the margin; under cross-entropy it is dE/dx itself. */
export function bothPasses(network, weights, inputs, desired, recipe, off = new Set()) {
  const places = placesOff(network, off), state = stateOf(network, weights, { inputs, desired }, recipe, places);
  backwardPass(network, weights, recipe, state, places);
  const dEdw = network.connections.map((c) => new Float64Array(c.size)), dEdy = byName(network, state.dEdy, network.computed);
  addGradient(network, state, dEdw, 0);
  if (recipe.error_signal === "squared") dEdy[network.output.name] = state.f;
  else delete dEdy[network.output.name];
  return { ...activities(network, state), dEdy, dEdx: byName(network, state.dEdx, network.computed), dEdw, sent: state.f };
}

/** Equation 6 summed over the training cases, by connection. */
export function gradient(network, weights, cases, recipe, off = new Set()) {
  const sums = network.connections.map((c) => new Float64Array(c.size));
  const made = cases.map((each) => makeCase(network, each, recipe.error_signal));
  sumGradient(network, weights, recipe, made, makeState(network), makePartialSums(network), sums, placesOff(network, off));
  return sums;
}

/** Equation 3 for one case. The logarithms of cross-entropy are those of the browser, and may differ in their last bit. */
export function errorOf(y, desired, recipe) {
  const d = target(desired, recipe.error_signal), tiny = 2.2250738585072014e-308;
  let sum = 0;
  for (let j = 0; j < y.length; j++)
    if (recipe.error_signal === "squared") sum += 0.5 * (y[j] - d[j]) * (y[j] - d[j]);
    else {
      sum -= d[j] * Math.log(Math.max(y[j], tiny));
      if (recipe.error_signal === "cross-entropy") sum -= (1 - d[j]) * Math.log(Math.max(1 - y[j], tiny));
    }
  return sum;
}

/** Equation 3 summed over the training cases. */
export function wholeError(network, weights, cases, recipe, off = new Set()) {
  const partial = new Float64Array(PARTIAL_SUMS);
  cases.forEach(({ inputs, desired, heldOut }, c) => {
    if (!heldOut) partial[c % PARTIAL_SUMS] += errorOf(forward(network, weights, inputs, off).y[network.output.name], desired, recipe);
  });
  return addPartialSums(partial, [0])[0];
}

/** Whether the right units are above 0.5 and every other unit is below (Hinton, CogSci 1986). */
export const isRight = (y, desired) => y.every((each, j) => (desired[j] > 0.5 ? each > 0.5 : each < 0.5));
