// What the worker does: it trains a few sweeps at a time, tells what came of them, and listens before it goes on.
// Where a browser allows no worker, the page runs the same program itself.
import { makeCase } from "./engine.js";
import { judge, stateFor } from "./judging.js";
import { flatWeights, makeNetwork, weightsOf } from "./network.js";
import { networkOf } from "./successor.js";
import { makeTrainer } from "./training.js";

/** Milliseconds of work before the worker listens again. */
const WORK_MS = 12;

/** A runner of jobs, one at a time. `post(message, transfer)` takes what it has to tell; `receive` is given its orders:
 *  { kind: "train", ... }, { kind: "many", ... } or { kind: "stop" }. */
export function makeRunner(post) {
  let job = null, waiting = false;
  const wait = () => {
    if (!job || waiting) return;
    waiting = true;
    setTimeout(work, 0);
  };
  function work() {
    waiting = false;
    if (!job) return;
    try {
      if (job.next(performance.now() + WORK_MS, post)) job = null;
    } catch (problem) {
      post({ id: job.id, problem: problem.message });
      job = null;
    }
    wait();
  }
  return {
    receive(order) {
      if (order.kind === "stop") job = null;
      else if (order.kind === "train" && job?.kind === "train" && job.id === order.id) job.last = order.to;
      else job = order.kind === "train" ? trainingJob(order) : severalJob(order);
      wait();
    },
  };
}

/** A moment of a training: all that the page needs to show it, and to go on from it. */
export function momentOf(network, trainer, recipe, made, state) {
  const { error, right } = judge(network, trainer.weights, recipe, made, state);
  return { sweep: trainer.sweep, weights: flatWeights(trainer.weights), changes: flatWeights(trainer.changes), error, right };
}

function trainingJob({ id, learner, recipe, cases, seed, number, from, to, spacing }) {
  const network = networkOf(learner), state = stateFor(network);
  const made = cases.map((each) => makeCase(network, each, recipe.error_signal));
  const trainer = makeTrainer(network, recipe, cases, { seed, number, sweep: from.sweep,
    weights: weightsOf(network, from.weights, 0), changes: weightsOf(network, from.changes, 0) });
  const job = {
    id, kind: "train", last: to,
    next(until, post) {
      const moments = [];
      while (trainer.sweep < job.last && performance.now() < until) {
        trainer.trainTo(Math.min(job.last, trainer.sweep - (trainer.sweep % spacing) + spacing));
        moments.push(momentOf(network, trainer, recipe, made, state));
      }
      post({ id, moments }, moments.flatMap((each) => [each.weights.buffer, each.changes.buffer]));
      return trainer.sweep >= job.last;
    },
  };
  return job;
}

/** Several networks side by side: each of `numbers` with its own first weights, and its own held-out cases. */
function severalJob({ id, layers, recipe, cases, seed, numbers, heldOut, to, spacing, connection }) {
  const network = makeNetwork(layers), state = stateFor(network);
  const several = numbers.map((number, k) => {
    const out = new Set(heldOut[k]), own = cases.map((each, c) => ({ ...each, heldOut: out.has(c) }));
    return { number, trainer: makeTrainer(network, recipe, own, { seed, number }),
             made: own.map((each) => makeCase(network, each, recipe.error_signal)) };
  });
  const tell = ({ number, trainer, made }) => {
    const { error, right } = judge(network, trainer.weights, recipe, made, state);
    return { number, sweep: trainer.sweep, error, right, weights: trainer.weights[connection].slice() };
  };
  let at = 0, begun = false;
  return {
    id, kind: "many",
    next(until, post) {
      const networks = begun ? [] : several.map(tell);
      begun = true;
      while (several.at(-1).trainer.sweep < to && performance.now() < until) {
        const { trainer } = several[at];
        trainer.trainTo(Math.min(to, trainer.sweep + spacing));
        networks.push(tell(several[at]));
        at = (at + 1) % several.length;
      }
      post({ id, networks });
      return several.at(-1).trainer.sweep >= to;
    },
  };
}
