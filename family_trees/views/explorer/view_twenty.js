// The tab "Twenty": twenty networks of one recipe at once, each with its figure 4 and its counts. How much is luck?
import { colour, el, fillSquare, setAttributes, setText, sharp, whenChanged } from "./dom.js";
import { startWorker } from "./lab.js";
import { drawSplit } from "./random.js";
import { dispatch, session, tell } from "./session.js";
import { heldOutOf } from "./task.js";
import { fmt, t } from "./words.js";

export const TWENTY = 20;
const SMALL = 5, SPACING = 25;
const several = { key: "", id: 0, worker: null, networks: [], problem: "" };

export const twentyTab = { update: updateTwenty };
/** The networks so far, for tests and for the tour. */
export const theTwenty = () => several.networks;

/** What the twenty depend on: all that makes a network, but its number. */
const keyOf = ({ recipe, seed, heldOut, heldCount }) => JSON.stringify([recipe, String(seed), heldOut, heldCount, session.task.id]);

function updateTwenty(panel, now) {
  const { state } = now, key = keyOf(state), known = several.key === key;
  whenChanged(panel, ["twenty", state.lang, now.task.id], () => buildTwenty(panel));
  if (state.twenty && !known) startTwenty(now, key);
  const { networks } = several, shown = several.key === key ? networks.filter(Boolean) : [];
  setText(panel.querySelector("#twenty-start"), t(state.twenty && known ? "twentyAgain" : "twentyStart", { count: TWENTY }));
  setText(panel.querySelector("#twenty-sum"), several.problem || (shown.length ? summary(now, shown) : ""));
  for (const [k, { button, canvas, words }] of panel.tiles.entries()) {
    const network = shown.length ? networks[k] : null;
    button.hidden = !network;
    if (!network || button.drawn === `${key}${network.sweep}${colour("ink")}`) continue;
    button.drawn = `${key}${network.sweep}${colour("ink")}`;
    setText(words, t("twentyOne", { number: k, right: network.count, held: network.heldCount }));
    setAttributes(button, { class: network.count === network.cases ? "tile all" : "tile", "aria-label": t("twentyLabel", { number: k, right: network.count, cases: network.cases, held: network.heldCount, ofHeld: network.held }) });
    drawTile(canvas, now, network.weights);
  }
}

function buildTwenty(panel) {
  panel.tiles = Array.from({ length: TWENTY }, (_, k) => {
    const canvas = el("canvas", { "aria-hidden": "true" }), words = el("span", {});
    const button = el("button", { type: "button", class: "tile", "data-key": `t${k}`, hidden: true, onclick: () => dispatch({ type: "network", number: k }) }, canvas, words);
    return { button, canvas, words };
  });
  panel.replaceChildren(el("p", { class: "muted" }, t("twentyHelp")), el("button", { type: "button", id: "twenty-start", onclick: () => {
    several.key = "";
    dispatch({ type: "set", patch: { twenty: true } });
    tell({ type: "trained" });
  } }), el("p", { id: "twenty-sum" }), el("div", { class: "tiles" }, ...panel.tiles.map(({ button }) => button)));
}

function startTwenty(now, key) {
  const { state, task, lab, network } = now, code = network.computed.find(({ sees }) => sees.includes("person"));
  const numbers = Array.from({ length: TWENTY }, (_, k) => k), id = several.id + 1;
  const heldOut = numbers.map((number) => (state.heldOut ? heldOutOf(task, state) : [...drawSplit(task.cases.length, Math.min(state.heldCount, task.cases.length - 1), state.seed, number)]));
  several.worker ??= startWorker(takeSeveral);
  Object.assign(several, { key, id, networks: [], heldOut, problem: "" });
  several.worker.send({ kind: "many", id, layers: lab.setting.layers, recipe: state.recipe, cases: lab.cases, seed: state.seed, numbers, heldOut,
    to: state.recipe.sweeps, spacing: SPACING, connection: network.key("person", code.name) });
}

function takeSeveral({ id, networks = [], problem = "" }) {
  if (id !== several.id) return;
  several.problem = problem;
  for (const each of networks) {
    const out = new Set(several.heldOut[each.number]);
    let count = 0, heldCount = 0;
    each.right.forEach((right, k) => { if (out.has(k)) heldCount += right; else count += right; });
    several.networks[each.number] = { ...each, count, heldCount, held: out.size, cases: each.right.length - out.size };
  }
  tell({ type: "trained" });
}

function summary({ recipe }, networks) {
  const all = networks.filter((each) => each.count === each.cases).length, mean = (of) => networks.reduce((sum, each) => sum + of(each), 0) / networks.length;
  const done = networks.every((each) => each.sweep >= recipe.sweeps);
  return t(done ? "twentySum" : "twentyRunning", { all, count: networks.length, right: fmt(mean((each) => each.count)), held: fmt(mean((each) => each.heldCount)),
    sweep: Math.min(...networks.map((each) => each.sweep)), ofHeld: networks[0].held });
}

/** Figure 4 in small: the units one below the other. */
function drawTile(canvas, now, w) {
  const people = now.task.people.length, units = w.length / people, rows = people <= 30 ? 2 : Math.ceil(people / 15), columns = Math.ceil(people / rows);
  const context = sharp(canvas, columns * SMALL, units * (rows * SMALL + 2) - 2);
  const largest = w.reduce((most, each) => Math.max(most, Math.abs(each)), Math.max(...[now.recipe.initial_range].flat()));
  for (let k = 0; k < units; k++) {
    const top = k * (rows * SMALL + 2);
    context.fillStyle = "#8f8f8f";
    context.fillRect(0, top, columns * SMALL, rows * SMALL);
    for (let n = 0; n < people; n++)
      fillSquare(context, (n % columns) * SMALL + SMALL / 2, top + Math.floor(n / columns) * SMALL + SMALL / 2, SMALL, w[n * units + k], largest);
  }
}
