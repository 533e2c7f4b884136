// What the page holds while it is open: its data and texts, the state, the network in training, and who is told of changes.
import { decode } from "./network.js";
import { taskOfFamily } from "./family.js";
import { makeLab, makeRecordedLab, startWorker } from "./lab.js";
import { drawSplit } from "./random.js";
import { firstState, isAnotherNetwork, reduce } from "./store.js";
import { checkData, heldOutOf, layersFor, taskOfData } from "./task.js";

export const session = { data: null, dataTask: null, familyTask: null, texts: null, task: null, state: null, lab: null, worker: null, labs: 0, listeners: [] };

/** Take the data of the page, and open it at its first state. */
export function openSession(data, texts) {
  checkData(data);
  const task = taskOfData(data);
  Object.assign(session, { data, texts, task, dataTask: task });
  const { lang = "en", tab = "meaning", section = "trees" } = session.state ?? {};
  session.state = { ...firstStateOf(data), lang, tab, section };
  renewLab();
}

/** The first state. Held-out cases that the network draws itself are not named. */
export function firstStateOf(data) {
  const drawn = drawSplit(data.cases.length, data.heldOut.length, data.seed, data.network);
  return firstState(data, data.heldOut.length === drawn.length && drawn.every((k, at) => k === data.heldOut[at]));
}

/** The task of a state: that of the data, or of the family as it was edited. */
export function taskFor({ family }) {
  if (!family) return session.dataTask;
  if (session.familyTask?.family !== family) session.familyTask = { family, task: taskOfFamily(family) };
  return session.familyTask.task;
}

/** Change the state, make another network if it asks for one, and tell everybody. */
export function dispatch(action) {
  const before = session.state, next = reduce(before, action);
  if (next === before) return;
  session.state = next;
  if (before.family !== next.family) session.task = taskFor(next);
  if (isAnotherNetwork(before, next)) renewLab();
  if (next.playing) session.lab.ask(session.lab.last);
  else if (next.sweep > session.lab.reached) session.lab.ask(Math.min(next.sweep, session.lab.last));
  tell(action);
}

export const tell = (action) => { for (const listener of session.listeners) listener(session.state, action); };

/** Whether the network is the very one that the page was made for. */
export function isOfData(state = session.state) {
  const { data } = session, own = firstStateOf(data);
  return state.recipe === own.recipe && String(state.seed) === String(own.seed) && state.number === own.number && !state.family &&
    String(heldOutOf(session.task, state)) === String(data.heldOut);
}

/** Numbers of a page, as text, or of a file, as they are. */
const numbersOf = (numbers, bits) => (typeof numbers === "string" ? decode(numbers, bits) : numbers);

function renewLab() {
  const { data, task, state } = session, heldOut = heldOutOf(task, state), id = ++session.labs;
  const setting = { layers: layersFor(task.layers, state.recipe), recipe: state.recipe, cases: task.cases, heldOut,
    people: task.people.length, relations: task.relations.length, seed: state.seed, number: state.number };
  session.worker?.send({ kind: "stop" });
  if (data.recorded && isOfData(state)) {
    const { sweeps, weights, changes, bits } = data.recorded;
    session.lab = makeRecordedLab({ ...setting, layers: data.layers }, id,
      { sweeps, weights: numbersOf(weights, bits), changes: changes && numbersOf(changes, bits), ...data.recorded.told }, casesOf(data.part ?? null));
  } else {
    session.worker ??= startWorker(fromWorker);
    session.lab = makeLab(setting, id, session.worker.send);
  }
}

/** The places of the cases of some people; of all, without a list. */
const casesOf = (people) => session.task.cases.flatMap(([person], k) => (!people || people.includes(person) ? [k] : []));

function fromWorker({ id, moments = [], problem = "" }) {
  const { lab } = session;
  if (lab.id !== id) return;
  lab.add(moments);
  lab.problem = problem;
  tell({ type: "trained" });
}
