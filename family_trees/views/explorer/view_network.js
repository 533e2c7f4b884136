// The network: its units as squares, the connections as lines under them. Activity runs up in blue, error down in orange.
import { $, colour, el, roving, setAttributes, setText, sharp, svg, whenChanged, widthOf } from "./dom.js";
import { BIAS } from "./network.js";
import { inHand, unitsShown } from "./now.js";
import { paths } from "./paths.js";
import { dispatch } from "./session.js";
import { FLOWS } from "./store.js";
import { isStuck, stageNow } from "./passes.js";
import { unitWords } from "./view_meaning.js";
import { fmt, label, t, unitName } from "./words.js";

const CELL = 24, GAP = 3, ROOM = 26, LABEL = 17;
export const networkView = { build: buildNetwork, update: updateNetwork };
let units = new Map(), layout = null, pointed = null;

function buildNetwork() {
  $("flow").replaceChildren(...FLOWS.map((flow) => el("button", { type: "button", id: `flow-${flow}`,
    onclick: () => dispatch({ type: "set", patch: { flow, pass: null } }) })));
}

/** The places of all units for a width, from the answer down to the question. Layers of one height stand side by side. */
function placesFor(now, width) {
  const { network } = now, level = {}, rows = [], most = Math.max(6, Math.floor((width + GAP) / (CELL + GAP)));
  for (const layer of network.layers) level[layer.name] = layer.sees.length
    ? 1 + Math.max(0, ...layer.sees.filter((s) => s !== BIAS).map((s) => level[s])) : 0;
  for (const layer of network.layers) (rows[level[layer.name]] ??= []).push(layer);
  const found = { at: new Map(), labels: [], height: 0, level, width };
  const shape = (layer, room) => {
    const list = unitsShown(now, layer.name), lines = Math.ceil(list.length / Math.min(room, 12 * Math.ceil(list.length / 120)));
    return { layer, list, columns: Math.ceil(list.length / lines), lines };
  };
  let top = 0;
  for (const row of [...rows].reverse()) {
    const shapes = row.map((layer) => shape(layer, most)), wide = shapes.reduce((sum, each) => sum + each.columns, 0) + shapes.length - 1;
    for (const group of wide <= most ? [shapes] : shapes.map((each) => [each])) {
      const columns = group.reduce((sum, each) => sum + each.columns, 0) + group.length - 1;
      const pitch = Math.min(38, Math.max(CELL + GAP, (width - 2) / columns)), lines = Math.max(...group.map((each) => each.lines));
      let x = Math.max(0, (width - columns * pitch) / 2) + pitch / 2;
      for (const { layer, list, columns: across } of group) {
        found.labels.push([layer.name, x - CELL / 2, top + LABEL - 5]);
        list.forEach((k, n) => found.at.set(`${layer.name}.${k}`, [x + (n % across) * pitch, top + LABEL + Math.floor(n / across) * (CELL + GAP) + CELL / 2]));
        x += (across + 1) * pitch;
      }
      top += LABEL + lines * (CELL + GAP) + ROOM - LABEL;
    }
  }
  found.height = top - ROOM + LABEL + 4;
  return found;
}

function updateNetwork(now) {
  const { state } = now, box = $("net-box"), width = Math.max(330, widthOf(box));
  for (const flow of FLOWS) {
    setText($(`flow-${flow}`), t(`flow_${flow}`));
    setAttributes($(`flow-${flow}`), { "aria-pressed": String(state.flow === flow && state.pass === null) });
  }
  const shape = [now.task.id, now.shown, now.network.layers.map((l) => [l.name, l.units]), width, state.lang].map((each) => JSON.stringify(each)).join();
  if (layout?.shape !== shape) {
    layout = { ...placesFor(now, width), shape };
    drawUnits(now);
  }
  const stage = stageNow(now), largest = largestOf(now, stage);
  for (const [key, parts] of units) showUnit(now, key, parts, stage, largest);
  drawLinks(now, stage);
  showDetails(now, pointed);
}

/** What the squares of a layer show while the error goes back: y - d of the output, so that a wrong unit is seen to be wrong
 *  even where its slope lets nothing pass; dE/dx below it. */
const errorsOf = (now, layer) => (layer === now.network.output.name ? now.back.sent : now.back.dEdx[layer]);

/** The largest error of each layer, by which its squares are scaled. */
const largestOf = (now, stage) => stage.flow !== "error" ? {} : Object.fromEntries(now.network.computed.map(({ name }) =>
  [name, errorsOf(now, name).reduce((most, each) => Math.max(most, Math.abs(each)), 0) || 1]));

function drawUnits(now) {
  const picture = svg("svg", { viewBox: `0 0 ${layout.width} ${layout.height}`, width: layout.width, height: layout.height, id: "net-picture", role: "group", "aria-label": t("net") });
  for (const [name, x, y] of layout.labels) picture.append(svg("text", { x, y, class: "label" }, label(name)));
  units = new Map();
  for (const layer of [...now.network.layers].reverse())
    for (const k of unitsShown(now, layer.name)) {
      const key = `${layer.name}.${k}`, [x, y] = layout.at.get(key), unit = [layer.name, k];
      const parts = { unit, x, y, ground: svg("rect", { x: x - CELL / 2, y: y - CELL / 2, width: CELL, height: CELL }), square: svg("rect", {}),
        fact: layer === now.network.output ? svg("circle", { cx: x, cy: y, r: 3.4, class: "fact" }) : null,
        cross: svg("path", { d: `M${x - 9} ${y - 9}L${x + 9} ${y + 9}M${x + 9} ${y - 9}L${x - 9} ${y + 9}`, class: "cross" }), title: svg("title", {}) };
      const node = svg("g", { "data-key": key, tabindex: "-1", role: "button", class: "unit" }, parts.title, parts.ground, parts.square, ...(parts.fact ? [parts.fact] : []), parts.cross);
      const choose = () => dispatch({ type: "unit", unit: node.getAttribute("aria-pressed") === "true" ? null : unit });
      node.addEventListener("click", choose);
      node.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(); } });
      for (const kind of ["pointerenter", "focus"]) node.addEventListener(kind, () => point(unit));
      for (const kind of ["pointerleave", "blur"]) node.addEventListener(kind, () => point(null));
      units.set(key, { ...parts, node, shown: "" });
      picture.append(node);
    }
  const active = $("net-box").querySelector("svg")?.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  $("net-box").querySelector("svg")?.remove();
  $("net-box").append(picture);
  const first = now.network.computed[0].name;
  roving(picture, picture.querySelector(`[data-key="${CSS.escape(`${first}.0`)}"]`));
  if (active) picture.querySelector(`[data-key="${CSS.escape(active)}"]`)?.focus();
}

let networkNow = null;
function point(unit) {
  pointed = unit;
  if (networkNow) showDetails(networkNow, unit);
}

/** One unit: a square for its activity, or, while the error goes back, for its error. */
function showUnit(now, key, parts, stage, largest) {
  const { state } = now, [layer, k] = parts.unit, computed = now.network.layer[layer].sees.length > 0;
  const error = stage.flow === "error" && computed;
  const value = !stage.shows(layer) ? 0 : error ? errorsOf(now, layer)[k] / largest[layer] : now.y[layer][k];
  const side = 0.94 * CELL * Math.sqrt(Math.min(1, Math.abs(value) || 0));
  const chosen = state.unit?.join(".") === key, off = state.off.has(key), hand = state.weight && inHand(state, now.network).join(".") === key;
  const end = state.weight && (hand || `${now.network.connections[state.weight[0]].below}.${state.weight[1]}` === key);
  const stuck = error && stage.shows(layer) && layer === now.network.output.name && isStuck(now, k);
  const fact = now.desired[k] > 0.5, shown = `${side.toFixed(1)}${value > 0}${chosen}${off}${end}${fact}${error}${stuck}${stage.lit(layer)}`;
  if (parts.shown === shown) return;
  parts.shown = shown;
  setAttributes(parts.square, { x: (parts.x - side / 2).toFixed(2), y: (parts.y - side / 2).toFixed(2), width: side.toFixed(2), height: side.toFixed(2), fill: value > 0 ? "#fff" : "#000" });
  setAttributes(parts.ground, { class: `ground${error ? " back" : ""}${stuck ? " stuck" : ""}${chosen ? " pressed" : end ? " end" : stage.lit(layer) ? " lit" : ""}` });
  setAttributes(parts.node, { "aria-pressed": String(Boolean(chosen)), "aria-label": unitName(parts.unit) });
  parts.cross.style.display = off ? "" : "none";
  if (parts.fact) parts.fact.style.display = fact ? "" : "none";
}

/** The lines: what each connection carries for this question. Strong ones are dark. */
function drawLinks(now, stage) {
  const { network, state, weights } = now, canvas = $("links");
  const chosen = inHand(state, network), flow = stage.lines ?? stage.flow;
  whenChanged(canvas, [layout.shape, now.moment.sweep, now.lab.id, state.person, state.relation, stage.name, state.unit, state.weight, [...state.off], [...state.flips], state.swap, colour("ink")], () => {
    const context = sharp(canvas, layout.width, layout.height), lines = [];
    for (const { key, below, above } of network.connections) {
      if (below === BIAS || !stage.draws(below, above)) continue;
      const w = weights[key], wide = network.units[above], out = now.y[below], back = now.back.dEdx[above], changes = now.moment.changes?.[key];
      let largest = flow !== "weights" && flow !== "activity" ? 0 : Math.max(...[now.recipe.initial_range].flat()); // weights that fade are seen to
      const own = [];
      for (const i of unitsShown(now, below))
        for (const j of unitsShown(now, above)) {
          const at = i * wide + j; // a share of the error is taken against it, so its sign is turned
          const size = { weights: w[at], error: back[j] * w[at], activity: out[i] * w[at], share: -back[j] * out[i], changes: changes?.[at] ?? 0 }[flow];
          if (!size || !Number.isFinite(size)) continue;
          largest = Math.max(largest, Math.abs(size));
          own.push([below, i, above, j, size]);
        }
      for (const each of own) lines.push([...each.slice(0, 4), each[4] / largest]);
    }
    lines.sort((a, b) => Math.abs(a[4]) - Math.abs(b[4]));
    for (const [below, i, above, j, size] of lines) {
      const touches = !chosen || (chosen[0] === below && chosen[1] === i) || (chosen[0] === above && chosen[1] === j);
      const strength = Math.abs(size) * (touches ? 1 : 0.12);
      if (strength < 0.04) continue;
      const [x1, y1] = layout.at.get(`${below}.${i}`), [x2, y2] = layout.at.get(`${above}.${j}`);
      context.strokeStyle = flow === "error" ? colour("path") : flow === "activity" ? colour("accent") : size > 0 ? colour("c2") : colour("c3");
      context.globalAlpha = Math.min(0.9, 0.08 + 0.8 * strength);
      context.lineWidth = 0.5 + 2.5 * strength;
      context.setLineDash(flow === "activity" && size < 0 ? [3, 3] : []);
      context.beginPath();
      context.moveTo(x1, y1 - CELL / 2);
      context.lineTo(x2, y2 + CELL / 2);
      context.stroke();
    }
    context.globalAlpha = 1;
    if (flow !== "changes" && flow !== "share") drawPath(now, context);
  });
}

/** The strongest path of the chain rule to the selected unit or weight. */
function drawPath(now, context) {
  const { state, network, weights, y, back, recipe } = now, unit = inHand(state, network);
  if (!unit || !network.layer[unit[0]].sees.length || now.at < 0) return;
  const [first] = paths(network, weights, y, back, ...unit, recipe, state.off, 1).ways;
  if (!first) return;
  const points = [...first.units, ...(state.weight ? [[network.connections[state.weight[0]].below, state.weight[1]]] : [])]
    .map(([layer, k]) => layout.at.get(`${layer}.${k}`)).filter(Boolean);
  context.setLineDash([]);
  context.strokeStyle = colour("path");
  context.lineWidth = 3;
  context.beginPath();
  for (const [n, [x, at]] of points.entries()) context[n ? "lineTo" : "moveTo"](x, at);
  context.stroke();
}

function showDetails(now, unit) {
  networkNow = now;
  const at = unit ?? now.state.unit;
  const words = at ? unitWords(now, at) : t("chooseHidden");
  setText($("details"), words);
  if (unit) setText(units.get(unit.join("."))?.title ?? document.createElement("i"), words);
}

