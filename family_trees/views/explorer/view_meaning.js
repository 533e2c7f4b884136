// What units mean: figure 4, a panel for each unit of the person code, always in sight; and the tab that tells of one unit.
import { $, colour, el, fillSquare, setAttributes, setText, sharp, whenChanged, widthOf } from "./dom.js";
import { ENCODES, chanceOf, encodedBy, sharesOf, weightsToNames } from "./measure.js";
import { altered, hasVanished } from "./now.js";
import { dispatch } from "./session.js";
import { fmt, label, objectOf, percent, t, unitName, vocabulary } from "./words.js";

export const figureView = { build() {}, update: updateFigure };
const MOST_PANELS = 24;
let panels = [];

/** The layer of figure 4: the one that sees the people. */
const codeOf = (now) => now.network.computed.find(({ sees, name }) => sees.includes("person") && name !== now.network.output.name);

/** A unit in words: its numbers, and what it encodes. */
export function unitWords(now, [layer, k]) {
  const parts = [`${unitName([layer, k])}: ${t("activity")} ${fmt(now.y[layer][k])}`];
  if (now.x[layer]) parts.push(`${t("totalInput")} ${fmt(now.x[layer][k])}`);
  if (now.at >= 0 && now.back.dEdx[layer]) parts.push(`∂E/∂x ${fmt(now.back.dEdx[layer][k])}`);
  if (now.state.off.has(`${layer}.${k}`)) parts.push(t("heldAt0"));
  return `${parts.join(", ")}. ${encodesWords(now, [layer, k])}`;
}

/** What a unit encodes now, in a sentence. */
export function encodesWords(now, [layer, k]) {
  if (!now.network.layer[layer].sees.length || veiled(now.state)) return "";
  const found = encodedBy(now.lab, now.named, layer, k, now.moment.moment);
  if (found && hasVanished(now, layer)) return t("vanished");
  if (!found) return t("notMeasured");
  const some = found.filter((each) => each.share >= ENCODES);
  if (!some.length) return t("encodesNothing");
  return some.map((each) => t("encodesIt", { name: t(each.name), object: objectOf(t(each.name)), share: percent(each.share), since: each.since === 0 ? t("sinceStart") : t("since", { sweep: each.since }) })).join(" ");
}

/** On the tour, nothing says what units mean before the step in which one guesses it. */
const GUESSED_IN = 3;
const veiled = (state) => state.tour !== null && state.tour <= GUESSED_IN && !state.guess;

function updateFigure(now) {
  const { network, state, moment, weights } = now, code = codeOf(now), box = $("figure");
  box.hidden = !code;
  if (!code) return;
  const connection = network.key("person", code.name), w = weights[connection], shown = now.shown;
  const shape = panelShape(shown.length, Math.max(300, widthOf(box)), code.units);
  whenChanged(box, [now.task.id, code.name, code.units, shape, state.lang, shown], () => {
    panels = Array.from({ length: Math.min(MOST_PANELS, code.units) }, (_, k) => {
      const canvas = el("canvas", { "aria-hidden": "true" }), title = el("span", { class: "panel-name" });
      const button = el("button", { type: "button", class: "panel", "data-key": `f${k}`, onclick: () => dispatch({ type: "unit", unit: [code.name, k] }) }, title, canvas);
      canvas.addEventListener("pointermove", (event) => tellPerson(event, code.name, k));
      return { canvas, title, button };
    });
    box.style.setProperty("--panels", shape.across);
    box.replaceChildren(...panels.map(({ button }) => button));
  });
  figureNow = { now, shape };
  let largest = Math.max(...[now.recipe.initial_range].flat()); // so that weights that fade are seen to fade
  for (const each of w) if (Math.abs(each) > largest) largest = Math.abs(each);
  const shares = sharesOf(network, now.named, moment.moment)[code.name], names = now.named.find((each) => each.layer === code.name)?.distinctions ?? [], gone = hasVanished(now, code.name);
  for (const [k, { canvas, title, button }] of panels.entries()) {
    const best = shares?.[k].reduce((most, share, d) => (share > shares[k][most] ? d : most), 0) ?? 0, share = shares?.[k][best] ?? 0;
    const name = veiled(state) ? "?" : share >= ENCODES && !gone ? `${t(names[best].name)} ${percent(share)}` : t("nothingYet");
    setText(title, `${k + 1} ${name}`);
    setAttributes(button, { "aria-pressed": String(state.unit?.[0] === code.name && state.unit[1] === k), class: share >= ENCODES && !gone && !veiled(state) ? "panel named" : "panel" });
    drawPanel(canvas, shape, w, code.units, k, largest || 1, shown, state, now.state.off.has(`${code.name}.${k}`));
  }
  whenChanged($("figure-note"), [state.lang, now.task.id, state.person, largest.toFixed(1)], () => setText($("figure-note"),
    t(now.task.equivalents ? "figureNote" : "figureNoteOwn", { value: fmt(largest), person: now.task.people[state.person] })));
}

/** How the squares of a panel stand: two rows for the trees of 1986, as in the paper, more where there are many people. */
function panelShape(people, width, units) {
  const rows = people <= 30 ? 2 : Math.ceil(people / 15), columns = Math.ceil(people / rows);
  const across = Math.max(1, Math.min(3, units, Math.floor(width / (columns * 10 + 12))));
  return { rows, columns, across, cell: Math.max(9, Math.min(20, Math.floor((width / across - 12) / columns))) };
}

function drawPanel(canvas, { rows, columns, cell }, w, units, k, largest, shown, state, off) {
  const context = sharp(canvas, columns * cell, rows * cell);
  context.fillStyle = "#8f8f8f";
  context.fillRect(0, 0, columns * cell, rows * cell);
  for (const [n, person] of shown.entries()) {
    const x = (n % columns) * cell + cell / 2, y = Math.floor(n / columns) * cell + cell / 2;
    if (!off) fillSquare(context, x, y, cell, w[person * units + k], largest);
    if (person === state.person) {
      context.strokeStyle = colour("accent");
      context.lineWidth = 2;
      context.strokeRect(x - cell / 2 + 1, y - cell / 2 + 1, cell - 2, cell - 2);
    }
  }
}

let figureNow = null;
function tellPerson(event, layer, k) {
  const { now, shape } = figureNow, box = event.target.getBoundingClientRect();
  const column = Math.floor((event.clientX - box.x) / shape.cell), row = Math.floor((event.clientY - box.y) / shape.cell);
  const person = now.shown[row * shape.columns + column];
  if (person === undefined) return;
  const w = now.weights[now.network.key("person", layer)][person * now.network.units[layer] + k];
  event.target.title = `${now.task.people[person]}: ${fmt(w)}`;
  setText($("figure-note"), t("weightOf", { below: now.task.people[person], above: unitName([layer, k]), value: fmt(w) }));
  $("figure-note").key = "";
}

// ---- the tab "Meaning"

/** The unit that the tab tells of: the one chosen, or the first of the code. */
const unitTold = ({ state, named }) => (named.some((each) => each.layer === state.unit?.[0]) ? state.unit : named.length ? [named[0].layer, 0] : null);

export const meaningTab = {
  update(panel, now) {
    const unit = unitTold(now);
    whenChanged(panel, ["meaning", unit, now.state.lang, now.lab.id, now.task.id], () => buildMeaning(panel, now, unit));
    if (unit) showMeaning(panel, now, unit);
  },
};

function buildMeaning(panel, now, unit) {
  if (!unit) return panel.replaceChildren(el("p", { class: "muted" }, t("notMeasured")));
  const each = now.named.find((one) => one.layer === unit[0]), names = vocabulary(each.group === "person" ? "person" : "relation");
  const cells = now.data.part && each.group === "person" ? now.shown : names.map((_, k) => k);
  panel.replaceChildren(
    el("div", { class: "line" }, ...now.named.map(({ layer }) => el("button", { type: "button", "data-key": `m${layer}`, "aria-pressed": String(layer === unit[0]), onclick: () => dispatch({ type: "unit", unit: [layer, 0] }) }, label(layer)))),
    el("div", { class: "line" }, ...Array.from({ length: each.units }, (_, k) => el("button", { type: "button", "data-key": `n${k}`, "aria-pressed": String(k === unit[1]), onclick: () => dispatch({ type: "unit", unit: [unit[0], k] }) }, String(k + 1)))),
    el("h3", { class: "m-title" }), el("p", { class: "m-words" }),
    el("div", { class: "m-cells" }, ...cells.map((k) => el("div", { class: "m-cell", "data-name": k }, el("canvas", { "aria-hidden": "true" }), el("span", {}, label(names[k]))))),
    el("p", { class: "muted" }, t("explainedShares")), el("p", { class: "m-key" }), el("canvas", { class: "m-curve", role: "img", "aria-label": t("explainedShares") }),
    el("p", { class: "muted m-chance" }), el("p", { class: "muted" }, t("weightsHelp")));
}

function showMeaning(panel, now, unit) {
  const each = now.named.find((one) => one.layer === unit[0]), w = now.weights[each.connection], values = weightsToNames(each, w, unit[1]);
  const find = (name) => panel.querySelector(name), largest = values.reduce((most, v) => Math.max(most, Math.abs(v)), 0) || 1;
  setText(find(".m-title"), unitName(unit));
  setText(find(".m-words"), encodesWords(now, unit) + (altered(now.state) ? ` ${t("ofUnchanged")}` : ""));
  for (const cell of find(".m-cells").children) {
    const value = values[cell.dataset.name], context = sharp(cell.firstChild, 20, 20);
    context.fillStyle = "#8f8f8f";
    context.fillRect(0, 0, 20, 20);
    fillSquare(context, 10, 10, 20, value, largest);
    cell.title = fmt(value);
  }
  const shares = sharesOf(now.network, now.named, now.moment.moment)[unit[0]][unit[1]];
  whenChanged(find(".m-key"), [shares.map(percent), now.state.lang, veiled(now.state)], () => find(".m-key").replaceChildren(...each.distinctions.filter(() => !veiled(now.state)).map(({ name }, d) =>
    el("span", { class: `key h${d % 4}` }, `${t(name)} ${percent(shares[d])} `))));
  find(".m-curve").style.visibility = veiled(now.state) ? "hidden" : "";
  drawShares(find(".m-curve"), now, unit, each);
  if (now.state.playing) return;
  const chances = each.distinctions.map((d) => [d.name, chanceOf(each, now.moment.weights[each.connection], d)]);
  setText(find(".m-chance"), chances.every(([, share]) => share !== null) ? t("byChance", { shares: chances.map(([name, share]) => `${t(name)} ${percent(share)}`).join(", ") }) : "");
}

const DASHES = [[], [6, 2], [2, 2], [8, 2, 2, 2]];
function drawShares(canvas, now, [layer, k], each) {
  const width = Math.max(220, widthOf(canvas.parentElement) - 24), height = 110, left = 34, bottom = height - 18, { moments, last } = now.lab;
  whenChanged(canvas, [now.lab.id, layer, k, moments.length, now.sweep, width, colour("ink"), now.state.lang], () => {
    const context = sharp(canvas, width, height), X = (sweep) => left + (width - left - 6) * (sweep / Math.max(1, last)), Y = (share) => bottom - (bottom - 8) * share;
    context.font = "12px system-ui, sans-serif";
    context.fillStyle = colour("muted");
    for (const share of [0, 0.5, 1]) context.fillText(percent(share), 0, Y(share) + 4);
    context.fillText(t("sweepLabel"), (left + width) / 2, height - 3);
    context.strokeStyle = colour("muted");
    const line = (points, ink, dash, wide) => {
      context.strokeStyle = ink;
      context.lineWidth = wide;
      context.setLineDash(dash);
      context.beginPath();
      points.forEach(([x, y], n) => context[n ? "lineTo" : "moveTo"](x, y));
      context.stroke();
    };
    line([[left, Y(ENCODES)], [width - 6, Y(ENCODES)]], colour("muted"), [3, 3], 1);
    line([[X(now.sweep), 4], [X(now.sweep), bottom]], colour("ink"), [], 1);
    const step = Math.max(1, Math.floor(moments.length / 200)), some = moments.filter((_, m) => m % step === 0 || m === moments.length - 1);
    each.distinctions.forEach((_, d) => line(some.map((moment) => [X(moment.sweep), Y(sharesOf(now.network, now.named, moment)[layer][k][d])]), colour(`c${d % 4}`), DASHES[d % 4], 1.8));
    context.setLineDash([]);
  });
}
