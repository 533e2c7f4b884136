// Training: equations 8 and 9, sweep after sweep, from the seed and the number of a network to its weights.
import { makeCase, makePartialSums, makeState, sumGradient } from "./engine.js";
import { fingerprint } from "./fingerprint.js";
import { BIAS } from "./network.js";
import { drawOrder, firstWeights } from "./random.js";

/** Epsilon, alpha and what decay leaves of a weight, for a connection in a sweep, counted from 1. */
export function rates(network, recipe, connection, sweep) {
  const phase = sweep <= recipe.first_phase ? 0 : 1, alpha = recipe.alpha[phase];
  let epsilon = recipe.epsilon[phase];
  if (recipe.fan_in) epsilon /= network.layer[connection.above].sees.reduce((sum, each) => sum + network.units[each], 0);
  const decays = sweep >= recipe.decay_from && (recipe.decay_biases || connection.below !== BIAS);
  return { epsilon, alpha, kept: decays ? 1 - recipe.decay : 1 };
}

/** What training asks of a network of layers. A successor brings its own. */
const LAYERED = { makeState, makePartialSums, sumGradient };

/** A network that is trained: its `weights` and their last `changes`, by connection, after `sweep` sweeps.
 *
 *  network: of `makeNetwork`, with the units and biases of the recipe, or of `makeMatrices`.
 *  cases: { inputs, desired, heldOut } each; inputs by layer, all numbers as arrays.
 *  seed, number: those of the network. The first weights and the orders of batches follow from them.
 *  weights, changes, sweep: where to begin, if not at the first weights. They are copied. */
export function makeTrainer(network, recipe, cases, { seed = 0, number = 0, weights, changes, sweep = 0 } = {}) {
  const copied = (arrays) => arrays.map((each) => Float64Array.from(each));
  const zeros = () => network.connections.map((c) => new Float64Array(c.size));
  const made = cases.map((each) => makeCase(network, each, recipe.error_signal));
  const trainingPlaces = Int32Array.from([...made.keys()].filter((k) => !made[k].heldOut));
  const passes = network.passes ?? LAYERED, state = passes.makeState(network), partial = passes.makePartialSums(network), sums = zeros();
  const trainer = {
    weights: weights ? copied(weights) : firstWeights(network, recipe.initial_range, seed, number),
    changes: changes ? copied(changes) : zeros(),
    sweep,
    /** Train up to the end of a sweep. */
    trainTo(last) {
      while (trainer.sweep < last) {
        trainer.sweep++;
        if (!recipe.batch) change(made, trainingPlaces.length);
        else {
          const order = drawOrder(trainingPlaces, seed, number, trainer.sweep);
          for (let first = 0; first < order.length; first += recipe.batch) {
            const batch = Array.from(order.subarray(first, first + recipe.batch), (k) => made[k]);
            change(batch, batch.length);
          }
        }
      }
      return trainer;
    },
    fingerprint: () => fingerprint(trainer.weights),
  };

  /** Change every weight once by the gradient of some cases, `n` of them training cases, then let it decay. */
  function change(some, n) {
    passes.sumGradient(network, trainer.weights, recipe, some, state, partial, sums);
    network.connections.forEach((connection, k) => {
      const w = trainer.weights[k], last = trainer.changes[k], g = sums[k];
      const { epsilon, alpha, kept } = rates(network, recipe, connection, trainer.sweep);
      if (recipe.averaged) for (let i = 0; i < g.length; i++) g[i] /= n;
      for (let i = 0; i < w.length; i++) {
        last[i] = alpha * last[i] - epsilon * g[i];
        w[i] = (w[i] + last[i]) * kept;
      }
    });
  }

  return trainer;
}

/** The same for one weight, as the page shows it: `before` is its last change, `sum` its gradient over the `cases`
 *  training cases. The `epsilon` is that of the whole sum: where a recipe averages, it is divided by the cases. */
export function weightChange(network, recipe, connection, w, sum, before, sweep, cases) {
  const { epsilon, alpha, kept } = rates(network, recipe, connection, sweep);
  const delta = alpha * before - epsilon * (recipe.averaged ? sum / cases : sum);
  return { epsilon: recipe.averaged ? epsilon / cases : epsilon, alpha, delta, kept, after: (w + delta) * kept };
}
