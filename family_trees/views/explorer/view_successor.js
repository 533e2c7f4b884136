// The tab "Successor": matrices that learn the same facts beside the network, and are asked the same question. They follow
// the sweep of the page up to their own last one, trained by a worker of their own.
import { colour, el, fillSquare, refill, setAttributes, setText, sharp, whenChanged } from "./dom.js";
import { fingerprint } from "./fingerprint.js";
import { makeLab, startWorker } from "./lab.js";
import { HALF, counts } from "./now.js";
import { dispatch, session, tell } from "./session.js";
import { answerOfMatrices } from "./successor.js";
import { networkOptions } from "./view_keep.js";
import { caseName, listed, question, shortLabel, t } from "./words.js";

const SQUARE = 10, MOST_HELD = 30;
const beside = { key: "", made: 0, lab: null, worker: null };

export const successorTab = { update: updateSuccessor };

/** The recipe of the matrices for the facts that the network is trained on; it depends on how many these are. */
function recipeBeside() {
  const { data, lab: { setting } } = session, { batch, recipes } = data.successor;
  return recipes[Math.max(1, Math.ceil((setting.cases.length - setting.heldOut.length) / batch)) - 1] ?? null;
}

export const hasSuccessor = () => Boolean(session.data.successor && !session.data.part && recipeBeside());

/** The matrices for the seed, the number and the held-out facts of the network. */
function labBeside() {
  const { setting } = session.lab, key = JSON.stringify([String(setting.seed), setting.number, setting.heldOut, session.task.id]);
  if (beside.key === key) return beside.lab;
  beside.worker ??= startWorker(takeBeside);
  beside.worker.send({ kind: "stop" });
  const { cases, heldOut, people, relations, seed, number } = setting, { rows } = session.data.successor;
  beside.lab = makeLab({ rows, recipe: recipeBeside(), cases, heldOut, people, relations, seed, number }, ++beside.made, beside.worker.send);
  beside.key = key;
  return beside.lab;
}

function takeBeside({ id, moments = [], problem = "" }) {
  if (beside.lab?.id !== id) return;
  beside.lab.add(moments);
  beside.lab.problem = problem;
  tell({ type: "trained" });
}

/** The matrices at the sweep of the page, and what they answer; null where there are none. */
export function successorNow(now) {
  if (!hasSuccessor()) return null;
  const lab = labBeside(), { state, task, answers } = now, wanted = state.sweep >= now.lab.last ? lab.last : Math.min(state.sweep, lab.last);
  lab.ask(state.playing ? lab.last : wanted);
  const moment = lab.at(state.playing ? Math.min(wanted, lab.reached) : wanted), found = answerOfMatrices(lab.network, moment.weights, state.person, state.relation);
  const on = [...found.near].map((y, k) => [k, y]).filter(([, y]) => y > HALF).sort((a, b) => b[1] - a[1]).map(([k]) => k);
  return { lab, moment, sweep: moment.sweep, done: moment.sweep === lab.last, found, first: on[0], right: on.length === answers.length && on.every((k) => answers.includes(k)),
    names: listed(on.map((k) => task.people[k])), get fingerprint() { return (moment.moment.fingerprint ??= fingerprint(moment.weights)); } };
}

function updateSuccessor(panel, now) {
  const own = successorNow(now), { state, task } = now;
  whenChanged(panel, ["successor", state.lang], () => buildSuccessor(panel));
  const { rows, held, canvases } = panel.parts, made = now.lab.made, ofOwn = { ...now, lab: own.lab }, network = counts(now), matrices = counts(ofOwn, own.moment.right);
  const names = listed([...now.out].map((y, k) => [k, y]).filter(([, y]) => y > HALF).sort((a, b) => b[1] - a[1]).map(([k]) => task.people[k])) || t("nobody");
  const mark = (right) => (now.at < 0 || !now.sweep ? "" : right ? " ✓" : " ✗");
  const texts = { sweep: [now.sweep, own.sweep], cases: [network, matrices].map((of) => t("successorOf", { right: of.right, cases: of.cases })),
    held: [network, matrices].map((of) => t("successorOf", { right: of.heldRight, cases: of.held })), asked: [names + mark(now.right), own.names + mark(own.right)] };
  for (const [key, cells] of Object.entries(rows)) cells.forEach((cell, k) => setText(cell, String(texts[key][k])));
  rows.asked.forEach((cell, k) => setAttributes(cell, { class: now.at < 0 || !now.sweep ? "" : [now.right, own.right][k] ? "good-text" : "wrong-text" }));
  setText(panel.parts.question, question(state.person, state.relation));
  setText(panel.parts.problem, own.lab.problem);
  panel.parts.problem.hidden = !own.lab.problem;
  showHeld(held, now, own, made);
  showMatrices(canvases, now, own);
  if (state.playing) return;
  setText(panel.parts.print, own.fingerprint);
  setText(panel.parts.command, commandBeside(now, own));
}

/** The command that trains the same matrices. */
const commandBeside = (now, { sweep, lab }) => ["family-trees train --learner matrices", ...(now.data.tree || now.state.family ? [`--tree ${now.state.family ? "family.csv" : "FILE"}`] : []),
  ...(sweep === lab.last ? [] : [`--sweeps ${sweep}`]), ...networkOptions(now)].join(" ");

function buildSuccessor(panel) {
  const row = (key, ...head) => [key, el("th", { scope: "row" }, ...head), [el("td"), el("td")]], asked = el("strong");
  const all = [row("sweep", t("sweepLabel")), row("cases", t("successorCases")), row("held", t("successorHeld")), row("asked", asked)];
  const canvases = ["relation", "person", "product", "nearest"].map((name) => ({ name, canvas: el("canvas", { role: "img" }), words: el("figcaption") }));
  const signs = ["×", "=", "≈", ""];
  panel.parts = { rows: Object.fromEntries(all.map(([key, , cells]) => [key, cells])), canvases, question: asked, problem: el("p", { class: "wrong-text" }),
    held: el("div", { class: "chips", role: "group", "aria-label": t("successorHeldLabel") }), print: el("code", { id: "successor-fingerprint" }), command: el("code", { id: "successor-command" }) };
  panel.replaceChildren(el("p", { class: "muted" }, t("successorHelp")),
    el("div", { class: "line" }, el("button", { type: "button", id: "successor-train", class: "main", "data-key": "train", onclick: () =>
      dispatch({ type: "play", from: session.state.sweep >= session.lab.last ? 0 : session.state.sweep }) }, t("successorTrain"))), panel.parts.problem,
    el("table", { class: "beside" }, el("thead", {}, el("tr", {}, el("td"), el("th", { scope: "col" }, t("successorNetwork")), el("th", { scope: "col" }, t("successorMatrices")))),
      el("tbody", {}, ...all.map(([, head, cells]) => el("tr", {}, head, ...cells)))), panel.parts.held,
    el("h3", {}, t("successorProduct")), el("div", { class: "matrices" }, ...canvases.flatMap(({ canvas, words }, k) => [el("figure", {}, canvas, words), ...(signs[k] ? [el("span", { "aria-hidden": "true" }, signs[k])] : [])])),
    el("p", { class: "muted" }, t("successorKey")),
    el("h3", {}, t("fingerprintOf")), el("p", { class: "whole" }, panel.parts.print), el("h3", {}, t("successorCommand")), el("p", { class: "whole" }, panel.parts.command));
}

/** The held-out facts, and who infers each: a click asks it. */
function showHeld(box, now, own, made) {
  const held = [...made.keys()].filter((k) => made[k].heldOut).slice(0, MOST_HELD), sign = (right) => (right ? "✓" : "✗");
  const words = held.map((k) => (now.sweep ? t("successorFact", { case: caseName(k), network: sign(now.moment.right[k]), successor: sign(own.moment.right[k]) }) : caseName(k)));
  whenChanged(box, [words, now.state.person, now.state.relation], () => refill(box, ...held.map((k, at) => {
    const [person, relation] = now.task.cases[k];
    return el("button", { type: "button", "data-key": `h${k}`, "aria-pressed": String(person === now.state.person && relation === now.state.relation), onclick: () => dispatch({ type: "ask", person, relation }) }, words[at]);
  })));
}

/** The question as a product: the matrices of relation and person, what comes of them, and the nearest person. */
function showMatrices(canvases, now, { lab, sweep, found, first }) {
  const { state, task } = now, names = { relation: shortLabel(task.relations[state.relation]), person: task.people[state.person], product: t("successorIs"), nearest: task.people[first] };
  const numbers = { relation: found.relation, person: found.person, product: found.product, nearest: found.matrixOf(first) }, { rows } = lab.network;
  const largest = Math.max(...Object.values(numbers).map((w) => w.reduce((most, each) => Math.max(most, Math.abs(each)), 0)));
  for (const each of canvases) {
    setText(each.words, names[each.name]);
    whenChanged(each, [lab.id, sweep, state.person, state.relation, state.lang, colour("ink"), window.devicePixelRatio], () => {
      setAttributes(each.canvas, { "aria-label": t("successorMatrix", { name: names[each.name], rows }) });
      const context = sharp(each.canvas, rows * SQUARE, rows * SQUARE);
      context.fillStyle = "#8f8f8f";
      context.fillRect(0, 0, rows * SQUARE, rows * SQUARE);
      numbers[each.name].forEach((w, k) => fillSquare(context, ((k % rows) + 0.5) * SQUARE, (Math.floor(k / rows) + 0.5) * SQUARE, SQUARE, w, largest));
    });
  }
}
