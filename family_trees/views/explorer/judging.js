// What a network has learned of its cases: the error E of equation 3, and which cases are right.
import { PARTIAL_SUMS, addPartialSums } from "./arithmetic.js";
import { errorOf, forwardPass, makeState, setCase } from "./engine.js";

/** What the passes of a network work on. A successor has passes of its own. */
export const stateFor = (network) => (network.passes?.makeState ?? makeState)(network);

/** E over the training cases, and of every case whether it is right (1) or not (0).
 *  cases: of `makeCase`. state: of `stateFor`. off: by layer, the places of units that are held at 0. listed: the places
 *  of the cases that are looked at, by default all. */
export function judge(network, weights, recipe, cases, state, off = null, listed = cases.keys()) {
  if (network.passes) return network.passes.judge(network, weights, recipe, cases, state);
  const partial = new Float64Array(PARTIAL_SUMS), right = new Uint8Array(cases.length), y = state.y[network.output.place];
  for (const c of listed) {
    setCase(state, cases[c]);
    forwardPass(network, weights, state, off);
    right[c] = rightFor(y, state.d);
    if (!cases[c].heldOut) partial[c % PARTIAL_SUMS] += errorOf(y, state.d, recipe);
  }
  return { error: addPartialSums(partial, [0])[0], right };
}

/** Whether the units that should be on are above 0.5 and all others below (Hinton, CogSci 1986). */
export function rightFor(y, d) {
  for (let j = 0; j < y.length; j++) if (d[j] > 0 ? !(y[j] > 0.5) : !(y[j] < 0.5)) return 0;
  return 1;
}

/** How many cases of a kind are right: of the training cases, or of those that are held out. */
export function countRight(right, cases, heldOut = false) {
  let count = 0;
  for (let c = 0; c < cases.length; c++) if (cases[c].heldOut === heldOut) count += right[c];
  return count;
}
