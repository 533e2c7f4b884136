// The page: what is chosen (the view) -> what is computed -> what is shown. `data` and `texts` come from the document.
import { BIAS, decode, makeNetwork, weightsOf } from "./network.js";
import { bothPasses, errorOf, forward, gradient, isRight, slope, target, wholeError } from "./engine.js";
import { makeTrainer, weightChange } from "./training.js";
import { paths } from "./paths.js";
import { fingerprint } from "./fingerprint.js";

const TERMS = 6, PATHS = 3, HALF = 0.5, SHORT_FINGERPRINT = 12;
const $ = (id) => document.getElementById(id);
const fail = (why) => { $("failure").hidden = false; $("failure").textContent = `${texts.en.badData.replace("{why}", why)}`; };

let data, texts, net, numbers, changes, fullFingerprint, view, now;

function start() {
  texts = JSON.parse($("texts").textContent);
  try {
    data = JSON.parse($("data").textContent);
    check(data);
    net = makeNetwork(data.layers);
    numbers = decode(data.weights, data.bits);
    changes = data.changes ? decode(data.changes, data.bits) : null;
    if (numbers.length !== net.size * data.snapshots.length) throw new Error(`${numbers.length} weights`);
    // Of the network after its training. Weights that the page holds in fewer bits have it from the model.
    fullFingerprint = data.fingerprint ?? fingerprint(weightsOf(net, numbers, data.snapshots.length - 1));
    $("page").hidden = false;
    view = restored();
    build();
    show();
  } catch (problem) {
    $("page").hidden = true;
    return fail(problem.message);
  }
  $("failure").hidden = true;
  addEventListener("hashchange", () => { if (location.hash !== hash()) { view = restored(); show(); } });
}

/** Refuses damaged data before anything is counted with them: a wrong size could take for ever. */
function check({ people, relations, layers, snapshots, cases, curve, fingerprint: given = "" }) {
  const wholes = (several, size) => Array.isArray(several) && several.every((n) => Number.isInteger(n) && n >= 0 && n < size);
  const names = (several) => Array.isArray(several) && several.length && several.every((name) => typeof name === "string");
  const sizes = Array.isArray(layers) && wholes(layers.map((layer) => layer.units), 1e6);
  if (!names(people) || !names(relations)) throw new Error("names");
  if (!sizes || layers[0].units !== people.length || layers.at(-1).units !== people.length) throw new Error("layers");
  const fits = ([person, relation, answers]) => wholes([person], people.length) && wholes([relation], relations.length) && wholes(answers, people.length);
  if (!Array.isArray(cases) || !cases.every(fits)) throw new Error("cases");
  if (!Array.isArray(snapshots) || !wholes(snapshots.map((each) => each.sweep), 1e12)) throw new Error("snapshots");
  if (typeof given !== "string") throw new Error("fingerprint");
  if (![curve.sweep, curve.squaredError].every(Array.isArray)) throw new Error("curve");
}

// ---- the view, and the fragment of the address that holds it

function defaults() {
  const usual = data.cases.findIndex((c) => data.people[c[0]] === "Colin" && data.relations[c[1]] === "aunt");
  const first = data.cases[data.first ?? Math.max(0, usual)];
  return { person: first[0], relation: first[1], snap: data.snapshots.length - 1, unit: null, weight: null,
           off: new Set(), flips: new Set(), lang: "en" };
}

function hash() {
  const p = new URLSearchParams({ person: data.people[view.person], relation: data.relations[view.relation],
                                  sweep: data.snapshots[view.snap].sweep });
  if (view.unit) p.set("unit", view.unit.join("."));
  if (view.weight) p.set("weight", view.weight.join("."));
  for (const each of view.off) p.append("off", each);
  for (const each of view.flips) p.append("flip", each);
  if (view.lang !== "en") p.set("lang", view.lang);
  return `#${p}`;
}

function restored() {
  const v = defaults(), p = new URLSearchParams(location.hash.slice(1));
  const [person, relation] = [p.get("person"), p.get("relation")];
  if (data.people.includes(person) && data.relations.includes(relation))
    [v.person, v.relation] = [data.people.indexOf(person), data.relations.indexOf(relation)];
  const at = data.snapshots.findIndex((s) => String(s.sweep) === p.get("sweep"));
  if (at >= 0) v.snap = at;
  const known = (text) => {
    const [layer, place] = splitLast(text, ".");
    return layer in net.layer && within(place, net.layer[layer].units) ? [layer, +place] : null;
  };
  const knownWeight = (text) => {
    const [rest, j] = splitLast(text, "."), [key, i] = splitLast(rest, ".");
    const c = within(key, net.connections.length) ? net.connections[+key] : null;
    return c && within(i, net.units[c.below]) && within(j, net.units[c.above]) ? [key, +i, +j] : null;
  };
  v.unit = known(p.get("unit") ?? "");
  v.weight = knownWeight(p.get("weight") ?? "");
  for (const each of p.getAll("off")) if (hidden(known(each))) v.off.add(each);
  for (const each of p.getAll("flip")) if (knownWeight(each)) v.flips.add(each);
  if (Object.hasOwn(texts, p.get("lang"))) v.lang = p.get("lang");
  if (v.weight && !v.unit) v.unit = [net.connections[v.weight[0]].above, v.weight[2]];
  return v;
}

/** Whether `text` is a whole number, written as one, from 0 to below `size`. */
const within = (text, size) => /^(0|[1-9]\d*)$/.test(text) && +text < size;

function splitLast(text, mark) {
  const at = text.lastIndexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

const hidden = (unit) => unit && net.layer[unit[0]].sees.length && unit[0] !== net.output.name;
/** The selected unit: the one chosen, or the one above the weight chosen. */
const inHand = () => (view.weight ? [net.connections[view.weight[0]].above, view.weight[2]] : view.unit);
const change = (part) => { Object.assign(view, part); show(); };

// ---- what is computed

const oneHot = (size, at) => { const a = new Float64Array(size); a[at] = 1; return a; };
const inputsOf = (person, relation) =>
  ({ person: oneHot(data.people.length, person), relation: oneHot(data.relations.length, relation) });
const desiredOf = (answers) => { const d = new Float64Array(data.people.length); for (const k of answers) d[k] = 1; return d; };
const caseAt = (person, relation) => data.cases.findIndex((c) => c[0] === person && c[1] === relation);

function weightsNow(flips = view.flips) {
  const w = weightsOf(net, numbers, view.snap);
  for (const each of flips) { const { key, k } = place(each); w[key][k] *= -1; }
  return w;
}

function place(text) {
  const [rest, j] = splitLast(text, "."), [key, i] = splitLast(rest, ".");
  const { above } = net.connections[key];
  return { key, i: +i, j: +j, k: +i * net.units[above] + +j };
}

function compute() {
  const at = caseAt(view.person, view.relation), answers = at < 0 ? [] : data.cases[at][2];
  const weights = weightsNow(), inputs = inputsOf(view.person, view.relation), desired = desiredOf(answers);
  const back = bothPasses(net, weights, inputs, desired, data.recipe, view.off), { x, y } = back;
  return { at, answers, weights, desired, x, y, back, shown: shownPeople(answers, y[net.output.name]) };
}

/** The people on the page, in order. The person asked about, the answers and a selected person are always among them. */
function shownPeople(answers, out) {
  if (!data.part) return data.people.map((_, k) => k);
  const people = new Set([...data.part, view.person, ...answers]);
  out.forEach((y, k) => { if (y > HALF && people.size < 2 * data.part.length) people.add(k); });
  for (const unit of [view.unit, inHand()]) if (unit && vocabulary(unit[0]) === data.people) people.add(unit[1]);
  if (view.weight && vocabulary(net.connections[view.weight[0]].below) === data.people) people.add(view.weight[1]);
  return [...people];
}
/** The units of a layer that stand on the page. */
const unitsShown = (name) => (data.part && vocabulary(name) === data.people ? now.shown : Array.from({ length: net.units[name] }, (_, k) => k));

/** The cases that are looked through: all, or those of the people who are shown. */
let listed = null;
const listedCases = () => (listed ??= data.cases.flatMap(([person], k) => (!data.part || data.part.includes(person) ? [k] : [])));

const allRight = (weights, off) => new Map(listedCases().map((k) => {
  const [person, relation, answers] = data.cases[k];
  return [k, isRight(forward(net, weights, inputsOf(person, relation), off).y[net.output.name], desiredOf(answers))];
}));

/** All cases. The place of a case says to which partial sum it adds, so those that are held out are among them. */
const allCases = () => data.cases.map(([person, relation, answers], k) =>
  ({ inputs: inputsOf(person, relation), desired: desiredOf(answers), heldOut: data.heldOut.includes(k) }));

// ---- words

function t(key, values = {}) {
  const text = texts[view.lang][key] ?? texts.en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}
const fmt = (v) => (v === 0 ? "0" : Math.abs(v) >= 1e-4 && Math.abs(v) < 1e6 ? String(+v.toPrecision(5)) : v.toExponential(3));
const vocabulary = (layer) => (layer === "relation" ? data.relations : layer === "person" || layer === net.output.name ? data.people : null);
const label = (name) => texts[view.lang][`name:${name}`] ?? name;
const unitName = ([layer, k]) => (layer === BIAS ? label(BIAS) : `${label(layer)} ${label(vocabulary(layer)?.[k] ?? k + 1)}`);
const plainName = ([layer, k]) => (layer === BIAS ? BIAS : `${layer} ${vocabulary(layer)?.[k] ?? k + 1}`);
const weightName = (text) => { const { key, i, j } = place(text), { below, above } = net.connections[key];
  return t("weight", { below: unitName([below, i]), above: unitName([above, j]) }); };

function told([layer, k], snap = view.snap) {
  const shares = data.encodes[layer]?.shares[snap]?.[k];
  if (!shares) return [];
  return data.encodes[layer].distinctions
    .map((name, d) => ({ name, share: shares[d], chance: data.encodes[layer].chance[snap][d], since: since(layer, k, d) }))
    .sort((a, b) => b.share - a.share);
}
function since(layer, k, d) {
  let first = null;
  for (let s = 0; s <= view.snap; s++) {
    const share = data.encodes[layer].shares[s][k][d], on = share >= HALF && share > data.encodes[layer].chance[s][d];
    if (on && first === null) first = s;
    if (!on) first = null;
  }
  if (first === null) return "";
  const at = data.snapshots[first].sweep;
  return first === 0 ? t("sinceStart") : t("since", { before: data.snapshots[first - 1].sweep, sweep: at });
}
function encodesText(unit) {
  if (!data.encodes[unit[0]]) return net.layer[unit[0]].sees.length ? t("notMeasured") : "";
  const some = told(unit).filter((each) => each.share >= HALF);
  if (!some.length) return t("encodesNothing");
  return some.map((each) => `${t("encodes")}: ${t(each.name)} (${Math.round(100 * each.share)}%, ` +
    `${each.share > each.chance ? each.since : t("chance")})`).join("; ");
}
const altered = () => view.off.size > 0 || view.flips.size > 0;

/** How much each distinction explains of a unit, by sweep: small lines, with one half, the least share for encoding. */
function sharesBySweep([layer, k]) {
  const of = data.encodes[layer];
  if (!of || data.snapshots.length < 2) return "";
  const W = 300, H = 74, last = data.snapshots[data.snapshots.length - 1].sweep || 1;
  const X = (s) => 2 + (W - 4) * (data.snapshots[s].sweep / last), Y = (share) => 4 + (H - 8) * (1 - share);
  const lines = of.distinctions.map((name, d) => svg("polyline", { class: `history h${d}`, fill: "none",
    points: data.snapshots.map((_, s) => `${X(s)},${Y(of.shares[s][k][d])}`).join(" ") }));
  const words = of.distinctions.map((name, d) => el("span", { class: `key h${d}` }, `${t(name)} ${Math.round(100 * of.shares[view.snap][k][d])}% `));
  return el("div", {}, el("p", { class: "muted" }, t("explainedShares"), " ", ...words),
    svg("svg", { viewBox: `0 0 ${W} ${H}`, class: "history-box", role: "img", "aria-label": t("explainedShares") },
      svg("line", { class: "half", x1: 0, x2: W, y1: Y(HALF), y2: Y(HALF) }),
      svg("line", { class: "marker", x1: X(view.snap), x2: X(view.snap), y1: 0, y2: H }), ...lines),
    altered() ? el("p", { class: "muted" }, t("ofUnchanged")) : "");
}

// ---- building blocks

function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (key === "onclick") node.addEventListener("click", value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(key, value === true ? "" : value);
  node.append(...children);
  return node;
}
function svg(name, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}
function fill(node, ...children) { node.replaceChildren(...children); }

/** Replace what is in `node` and keep the keyboard where it was. */
function refill(node, ...children) {
  const key = node.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  fill(node, ...children);
  if (key) node.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
}

/** Arrow keys move between the buttons of a group as they lie on the screen; Tab enters and leaves it. */
function roving(group, first = null) {
  const items = [...group.querySelectorAll("[data-key]")];
  const set = (item) => { for (const each of items) each.setAttribute("tabindex", each === item ? "0" : "-1"); };
  set(items.find((each) => each.getAttribute("aria-pressed") === "true") ?? first ?? items[0]);
  group.onkeydown = (event) => {
    const at = items.indexOf(document.activeElement);
    if (at < 0) return;
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    let to = event.key === "Home" ? items[0] : event.key === "End" ? items[items.length - 1] : null;
    if (moves) to = nearest(items[at], items, moves);
    if (!to) return;
    event.preventDefault();
    set(to);
    to.focus();
  };
}
function nearest(from, items, [right, down]) {
  const middle = (item) => { const box = item.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; };
  const [x, y] = middle(from);
  let best = null, least = Infinity;
  for (const each of items) {
    const [ex, ey] = middle(each), ahead = (ex - x) * right + (ey - y) * down;
    const aside = Math.abs((ex - x) * down) + Math.abs((ey - y) * right);
    if (ahead < 3 || (right && aside > 8)) continue;
    const cost = ahead + 0.3 * aside;
    if (cost < least) [best, least] = [each, cost];
  }
  return best;
}

// ---- the page, once

function build() {
  const language = $("language");
  fill(language, ...Object.entries(texts).map(([code, words]) => el("option", { value: code }, words.language)));
  language.addEventListener("change", () => change({ lang: language.value }));
  const slider = $("slider");
  slider.max = data.snapshots.length - 1;
  slider.addEventListener("input", () => { stop(); change({ snap: +slider.value }); });
  $("play").addEventListener("click", () => (playing ? stop() : play()));
  $("rewind").addEventListener("click", () => { stop(); change({ snap: 0 }); });
  $("reset").addEventListener("click", () => { change({ off: new Set(), flips: new Set() }); $("broken").focus(); });
  $("off").addEventListener("click", () => {
    if (!hidden(view.unit)) return;
    const off = new Set(view.off), key = view.unit.join(".");
    off.has(key) ? off.delete(key) : off.add(key);
    change({ off });
  });
  $("flip").addEventListener("click", () => {
    if (!view.weight) return;
    const flips = new Set(view.flips), key = view.weight.join(".");
    flips.has(key) ? flips.delete(key) : flips.add(key);
    change({ flips });
  });
  $("copy").addEventListener("click", async () => {
    const link = location.href.split("#")[0] + hash();
    try { await navigator.clipboard.writeText(link); $("kept").textContent = t("copied"); }
    catch { $("kept").textContent = link; }
  });
  $("json").addEventListener("click", () => save("view.json", "application/json", JSON.stringify(viewNumbers(), null, 1)));
  $("csv").addEventListener("click", () => save("view.csv", "text/csv", viewCsv()));
  $("picture").addEventListener("click", () => save("view.svg", "image/svg+xml", picture()));
  if (data.snapshots.length < 2) for (const id of ["slider", "play", "rewind"]) $(id).disabled = true;
}

let playing = null;
function play() {
  if (data.snapshots.length < 2) return;
  if (view.snap === data.snapshots.length - 1) view.snap = 0;
  playing = setInterval(() => {
    if (view.snap + 1 >= data.snapshots.length) return stop();
    change({ snap: view.snap + 1 });
  }, 350);
  show();
}
function stop() { clearInterval(playing); playing = null; $("play").textContent = t("play"); }

// ---- showing

function show() {
  now = compute();
  document.documentElement.lang = view.lang;
  document.title = t("title");
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t, { cases: listedCases().length, margin: data.recipe.margin, low: data.recipe.margin, high: +(1 - data.recipe.margin).toFixed(6) });
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", t(node.dataset.label));
  $("language").value = view.lang;
  $("about").textContent = t("network", { number: data.network, seed: data.seed, recipe: data.recipe.name });
  if (!data.equivalents || data.part) $("h-trees").textContent = t(data.trees ? "theFamily" : "people");
  if (data.part) $("about").textContent += `. ${t("part", { count: data.part.length, of: data.people.length, around: data.around })}`;
  $("fingerprint").textContent = t("fingerprint", { short: fullFingerprint.slice(0, SHORT_FINGERPRINT) });
  $("fingerprint").title = $("fingerprint-whole").textContent = fullFingerprint;
  $("fingerprint-help").textContent = t(data.fingerprint ? "fingerprintGiven" : "fingerprintComputed");
  showAnswer(); showTrees(); showRelations(); showNet(); showDetails(); showWeights(); showEquations(); showLearning();
  showWhatIf(); showEquivalents();
  const wanted = hash();
  if (location.hash !== wanted) history.replaceState(null, "", wanted);
}

const question = (person, relation) => t("has", { person: data.people[person], relation: label(data.relations[relation]) });

function showAnswer() {
  const out = now.y[net.output.name];
  const on = data.people.map((name, k) => [name, out[k], k]).filter(([, y]) => y > HALF).sort((a, b) => b[1] - a[1]);
  const names = on.map(([name, y]) => `${name} (${y.toFixed(2)})`).join(", ") || t("nobody");
  const kind = now.at < 0 ? t("notAsked") : data.heldOut.includes(now.at) ? t("heldOut") : t("training");
  const right = now.at < 0 ? t("noFact") : isRight(out, now.desired) ? t("right")
    : t("wrong", { facts: now.answers.map((k) => data.people[k]).join(", ") });
  fill($("answer"), el("strong", {}, `${question(view.person, view.relation)} `), `${names}. ${right} ${kind}`);
}

function personButton(k) {
  const y = now.y[net.output.name][k], fact = now.answers.includes(k), on = y > HALF;
  const mark = on ? (now.at < 0 ? "•" : fact ? "✓" : "✗") : fact ? "○" : "";
  const state = on ? (now.at < 0 ? "on" : fact ? "good" : "bad") : fact ? "missed" : "";
  return el("button", { type: "button", class: `person ${state}`, "data-key": `p${k}`, "aria-pressed": String(k === view.person),
    title: `${data.people[k]}: ${y.toFixed(3)}`, onclick: () => change({ person: k }) },
    el("span", { class: "name" }, `${data.people[k]}${mark && ` ${mark}`}`),
    el("span", { class: "bar", "aria-hidden": "true", style: `--y:${Math.min(1, Math.max(0, y))}` }));
}

function showTrees() {
  const box = $("trees-box");
  const { scrollLeft, scrollTop } = box.firstElementChild ?? {}, placed = new Set((data.trees ?? []).flatMap((tree) => tree.places.map(([k]) => k)));
  const rest = now.shown.filter((k) => !placed.has(k));
  const list = rest.length ? [el("div", { class: "people", role: "group", "aria-label": t("people") }, ...rest.map(personButton))] : [];
  refill(box, ...(data.trees ?? []).map((tree) => {
    const lines = svg("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" });
    for (const [x1, y1, x2, y2, dashed] of tree.lines)
      lines.append(svg("line", { x1, y1, x2, y2, "vector-effect": "non-scaling-stroke", ...(dashed ? { "stroke-dasharray": "4 3" } : {}) }));
    const group = el("div", { class: tree.size ? "tree wide" : "tree", role: "group", "aria-label": label(tree.name) || t("theFamily") }, tree.name ? el("h3", {}, label(tree.name)) : "");
    const size = tree.size ? `width:${6.2 * tree.size[0]}rem;height:${4.8 * tree.size[1]}rem` : null;
    const field = el("div", { class: "field", style: size }, lines);
    for (const [k, x, y] of tree.places) {
      const button = personButton(k);
      button.style.left = `${x}%`;
      button.style.top = `${y}%`;
      field.append(button);
    }
    group.append(field);
    return group;
  }), ...list);
  for (const group of box.children) roving(group);
  reveal(box.firstElementChild, scrollLeft, scrollTop);
}

/** Keep a wide tree where it was scrolled to; at first, and when another person is asked about, bring that one into view. */
let revealed = null;
function reveal(tree, scrollLeft, scrollTop) {
  if (!tree.classList.contains("wide")) return;
  Object.assign(tree, { scrollLeft, scrollTop });
  const button = tree.querySelector('[aria-pressed="true"]');
  if (revealed === view.person || !button) return;
  revealed = view.person;
  Object.assign(tree, { scrollLeft: button.offsetLeft - tree.clientWidth / 2, scrollTop: button.offsetTop - tree.clientHeight / 2 });
}

function showRelations() {
  const box = $("relations");
  refill(box, ...data.relations.map((name, k) => {
    const at = caseAt(view.person, k), held = at >= 0 && data.heldOut.includes(at);
    return el("button", { type: "button", "data-key": `r${k}`, class: at < 0 ? "none" : held ? "held" : "", "aria-pressed": String(k === view.relation),
      title: at < 0 ? t("noFact") : held ? t("heldOut") : t("training"), onclick: () => change({ relation: k }) },
      `${label(name)}${held ? ` (${t("heldOutBadge")})` : ""}`);
  }));
  roving(box);
}

// The network: places of all units, from the bottom up; two rows where a layer has more than twelve units.
const CELL = 22, GAP = 5;
function places() {
  const level = {}, rows = [];
  for (const layer of net.layers) level[layer.name] = layer.sees.length
    ? 1 + Math.max(0, ...layer.sees.filter((s) => s !== BIAS).map((s) => level[s])) : 0;
  for (const layer of net.layers) (rows[level[layer.name]] ??= []).push(layer);
  const columns = (layer) => { const count = unitsShown(layer.name).length;
    return count > 12 || (!layer.sees.length && count > 6) ? Math.min(24, Math.ceil(count / 2)) : count; };
  const width = Math.max(...rows.map((row) => row.reduce((sum, layer) => sum + columns(layer) * (CELL + GAP) + 34, 0)));
  const found = { at: {}, labels: [], width, height: 0 };
  let bottom = 14;
  const placed = [];
  for (const row of rows) {
    const own = row.reduce((sum, layer) => sum + columns(layer) * (CELL + GAP) + 34, -34);
    let x = (width - own) / 2, tall = 0;
    for (const layer of row) {
      const units = unitsShown(layer.name), across = columns(layer), lines = Math.ceil(units.length / across);
      units.forEach((k, at) =>
        placed.push([layer.name, k, x + (at % across) * (CELL + GAP) + CELL / 2, bottom + (lines - 1 - Math.floor(at / across)) * (CELL + GAP) + CELL / 2]));
      found.labels.push([layer.name, x, bottom + lines * (CELL + GAP) + 3]);
      x += across * (CELL + GAP) + 34;
      tall = Math.max(tall, lines * (CELL + GAP));
    }
    bottom += tall + 42;
  }
  found.height = bottom - 8;
  for (const [name, k, x, y] of placed) found.at[`${name}.${k}`] = [x, found.height - y];
  found.labels = found.labels.map(([name, x, y]) => [name, x, found.height - y]);
  return found;
}

function square(x, y, value, cell = CELL, largest = 1) {
  const side = 0.94 * cell * Math.sqrt(Math.min(1, Math.abs(value) / largest));
  return svg("rect", { x: x - side / 2, y: y - side / 2, width: side, height: side, fill: value > 0 ? "#fff" : "#000" });
}

function showNet() {
  const at = places(), box = $("net-box");
  const picture = svg("svg", { viewBox: `0 0 ${at.width} ${at.height}`, id: "net-picture", role: "group", "aria-label": t("net") });
  for (const [name, x, y] of at.labels) picture.append(svg("text", { x, y, class: "label" }, label(name)));
  const chosen = strongest();
  if (chosen) {
    const points = chosen.map(([layer, k]) => at.at[`${layer}.${k}`]).filter(Boolean).map((p) => p.join(",")).join(" ");
    picture.append(svg("polyline", { points, class: "path", fill: "none" }));
  }
  for (const layer of [...net.layers].reverse())
    for (const k of unitsShown(layer.name)) {
      const [x, y] = at.at[`${layer.name}.${k}`], key = `${layer.name}.${k}`, value = now.y[layer.name][k];
      const ends = view.weight ? [`${net.connections[view.weight[0]].below}.${view.weight[1]}`, inHand().join(".")] : [];
      const pressed = view.unit?.join(".") === key, off = view.off.has(key), end = ends.includes(key);
      const parts = [`${unitName([layer.name, k])}: ${t("activity")} ${fmt(value)}`];
      if (now.x[layer.name]) parts.push(`${t("totalInput")} ${fmt(now.x[layer.name][k])}`);
      if (encodesText([layer.name, k])) parts.push(encodesText([layer.name, k]));
      const unit = svg("g", { "data-key": key, tabindex: "-1", role: "button", "aria-pressed": String(pressed), "aria-label": parts.join(", "), class: "unit" },
        svg("title", {}, parts.join("\n")),
        svg("rect", { x: x - CELL / 2 - 1, y: y - CELL / 2 - 1, width: CELL + 2, height: CELL + 2, class: `ground${pressed ? " pressed" : end ? " end" : ""}` }),
        square(x, y, value));
      if (layer === net.output && now.desired[k] > HALF) unit.append(svg("circle", { cx: x, cy: y, r: 3.2, class: "fact" }));
      if (off) unit.append(svg("path", { d: `M${x - 9} ${y - 9}L${x + 9} ${y + 9}M${x + 9} ${y - 9}L${x - 9} ${y + 9}`, class: "cross" }));
      const choose = () => change({ unit: pressed && !view.weight ? null : [layer.name, k], weight: null });
      unit.addEventListener("click", choose);
      unit.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(); } });
      unit.addEventListener("pointerenter", () => { showDetails([layer.name, k]); showWeights([layer.name, k]); });
      unit.addEventListener("pointerleave", () => { showDetails(); showWeights(); });
      unit.addEventListener("focus", () => showDetails([layer.name, k]));
      unit.addEventListener("blur", () => showDetails());
      picture.append(unit);
    }
  refill(box, picture);
  const code = net.computed[0].name;
  roving(picture, picture.querySelector(`[data-key="${CSS.escape(`${code}.0`)}"]`));
}

/** The strongest path of the chain rule to the selected unit or weight, as units from the output down. */
function strongest() {
  const unit = inHand();
  if (!unit || !net.layer[unit[0]].sees.length) return null;
  const [first] = paths(net, now.weights, now.y, now.back, ...unit, data.recipe, view.off, 1).ways;
  return first ? [...first.units, ...(view.weight ? [[net.connections[view.weight[0]].below, view.weight[1]]] : [])] : null;
}

function showDetails(pointed = null) {
  const unit = pointed ?? view.unit;
  if (!unit) return fill($("details"), t("chooseHidden"));
  const [layer, k] = unit;
  const lines = [el("strong", {}, unitName(unit)), `: ${t("activity")} ${fmt(now.y[layer][k])}`];
  if (now.x[layer]) lines.push(`, ${t("totalInput")} ${fmt(now.x[layer][k])}`);
  if (view.off.has(unit.join("."))) lines.push(` (${t("heldAt0")})`);
  lines.push(el("br"), el("span", { class: "encodes" }, encodesText(unit)), sharesBySweep(unit));
  fill($("details"), ...lines);
}

function showWeights(pointed = null) {
  const box = $("weights");
  if (!pointed && !view.unit && !view.weight) return refill(box, el("p", { class: "muted" }, t("chooseHidden")));
  const [layer, k] = pointed ?? view.unit ?? inHand();
  const sections = [];
  const note = el("p", { class: "note" }, view.weight ? `${weightName(view.weight.join("."))}: ${fmt(now.weights[view.weight[0]][place(view.weight.join(".")).k])}` : "\u00a0");
  const cells = (key, list, columns, title, short = null) => {
    const w = now.weights[key], largest = w.reduce((most, each) => Math.max(most, Math.abs(each)), 0) || 1;
    const group = el("div", { class: "cells", role: "group", "aria-label": title, style: `--columns:${columns}` });
    for (const [i, j, name] of list) {
      const above = net.units[net.connections[key].above], value = w[i * above + j], at = [key, i, j].join(".");
      const side = 94 * Math.sqrt(Math.abs(value) / largest);
      const cell = el("button", { type: "button", class: "cell", "data-key": at, "aria-pressed": String(view.weight?.join(".") === at),
        title: `${name}: ${fmt(value)}`, "aria-label": `${weightName(at)}: ${fmt(value)}`,
        onclick: () => change({ weight: view.weight?.join(".") === at ? null : [key, i, j] }) },
        el("span", { style: `width:${side}%;height:${side}%;background:${value > 0 ? "#fff" : "#000"}` }));
      for (const kind of ["pointerenter", "focus"])
        cell.addEventListener(kind, () => { note.textContent = `${weightName(at)}: ${fmt(value)}`; });
      group.append(el("div", { class: "named" }, cell, short ? el("small", { "aria-hidden": "true" }, label(short(i, j))) : ""));
    }
    sections.push(el("h3", {}, title, el("span", { class: "muted" }, ` (${t("largest", { value: fmt(largest) })})`)), group);
    roving(group);
  };
  for (const below of net.layer[layer].sees) {
    const units = unitsShown(below), count = units.length, columns = below === BIAS ? 1 : count > 12 || vocabulary(below) ? Math.ceil(count / 2) : count;
    cells(net.key(below, layer), units.map((i) => [i, k, unitName([below, i])]), columns,
      `${t("weightsIn", { unit: unitName([layer, k]) })} ← ${label(below)}`, vocabulary(below) && ((i) => vocabulary(below)[i]));
  }
  for (const higher of net.computed)
    if (higher.sees.includes(layer)) {
      const own = vocabulary(higher.name), units = unitsShown(higher.name), columns = units.length > 12 ? Math.ceil(units.length / 2) : units.length;
      cells(net.key(layer, higher.name), units.map((j) => [k, j, unitName([higher.name, j])]), columns,
        `${t("weightsOut", { unit: unitName([layer, k]) })} → ${label(higher.name)}`, own && ((_, j) => own[j]));
    }
  refill(box, el("p", { class: "muted" }, t("weightsHelp")), note, ...sections);
}

// ---- equations

function equation(number, label, formula, value, terms = [], note = "") {
  const many = terms.length > TERMS + 1;
  const ranked = terms.filter((each) => !many || each.value).sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const cut = ranked.length > TERMS + 1 ? TERMS : ranked.length, rest = ranked.slice(cut);
  const rows = ranked.slice(0, cut).map((term) => el("tr", {}, el("td", {}, term.factors.map(fmt).join(" × ")),
    el("td", {}, term.factors.length > 1 ? `= ${fmt(term.value)}` : ""), el("td", { class: "muted" }, term.of)));
  if (rest.length) rows.push(el("tr", {}, el("td", {}, "…"), el("td", {}, `= ${fmt(rest.reduce((s, e) => s + e.value, 0))}`),
    el("td", { class: "muted" }, t("more", { count: rest.length }))));
  const node = el("div", { class: "equation" });
  const line = el("p", {}, el("span", { class: "number" }, number ? `(${number}) ` : ""));
  const math = el("span", { class: "formula" });
  for (const part of formula.split(/([_^]\{[^}]*\})/))
    math.append(/^[_^]\{/.test(part) ? el(part[0] === "_" ? "sub" : "sup", {}, part.slice(2, -1)) : part);
  line.append(math, " = ", el("strong", {}, fmt(value)), el("span", { class: "muted" }, ` — ${label}${note && `; ${note}`}`));
  node.append(line);
  if (rows.length) node.append(el("table", {}, el("tbody", {}, ...rows)));
  return node;
}
const term = (of, ...factors) => ({ of, factors, value: factors.reduce((a, b) => a * b, 1) });
const EQUATION_2 = { logistic: "y_{j} = 1 / (1 + exp(−x_{j}))", tanh: "y_{j} = tanh x_{j}", relu: "y_{j} = max(0, x_{j})",
  "leaky-relu": "y_{j} = max(0.1 x_{j}, x_{j})", elu: "y_{j} = x_{j}, or exp(x_{j}) − 1 below 0", softmax: "y_{j} = exp(x_{j}) / Σ_{k} exp(x_{k})" };
const EQUATION_3 = { squared: "E = ½ Σ_{j} (y_{j} − d_{j})²", softmax: "E = −Σ_{j} d_{j} ln y_{j}",
  "cross-entropy": "E = −Σ_{j} [d_{j} ln y_{j} + (1 − d_{j}) ln(1 − y_{j})]" };
const SLOPES = { logistic: "y_{j} (1 − y_{j})", tanh: "(1 − y_{j}²)", relu: "[x_{j} > 0]", "leaky-relu": "[1 or 0.1]", elu: "[1 or y_{j} + 1]" };

function unitEquations([layer, k]) {
  const kind = net.layer[layer].kind, output = layer === net.output.name;
  if (!net.layer[layer].sees.length)
    return [equation("", t("setByQuestion"), "y_{j}", now.y[layer][k])];
  const found = [el("h4", {}, t("forwardPass"))];
  const terms = net.layer[layer].sees.flatMap((below) => [...now.y[below]].map((y, i) =>
    term(unitName([below, i]), y, now.weights[net.key(below, layer)][i * net.units[layer] + k])));
  found.push(equation("1", t("eq1"), "x_{j} = Σ_{i} y_{i} w_{ji}", now.x[layer][k], terms));
  const off = view.off.has(`${layer}.${k}`);
  found.push(equation("2", t("eq2"), off ? "y_{j}" : EQUATION_2[kind], now.y[layer][k], [], off ? t("heldAt0") : ""));
  if (now.at < 0) return [...found, el("p", { class: "muted" }, t("noDesired"))];
  const d = target(now.desired, data.recipe.error_signal), signal = data.recipe.error_signal;
  found.push(equation("3", t("eq3"), EQUATION_3[signal],
    errorOf(now.y[net.output.name], now.desired, data.recipe),
    signal === "squared" ? [...now.y[net.output.name]].map((y, j) => term(
      `${data.people[j]}${now.back.sent[j] ? "" : ` (${t("sendsNothing")})`}`, 0.5, y - d[j], y - d[j])) : [],
    data.recipe.margin ? t("marginNote", { margin: data.recipe.margin }) : ""));
  if (!data.heavy) {
    const cases = data.cases.length - data.heldOut.length, error = wholeError(net, now.weights, allCases(), data.recipe, view.off);
    found.push(equation("3", t("eq3all", { cases }), "E = Σ_{c} E_{c}", error));
  }
  found.push(el("h4", {}, t("backwardPass")));
  const back = now.back.dEdx[layer]?.[k] ?? 0, up = now.back.dEdy[layer]?.[k] ?? 0;
  if (output) {
    const near = data.recipe.margin && Math.abs(now.y[layer][k] - d[k]) <= data.recipe.margin;
    const squared = signal === "squared";
    found.push(equation(squared ? "4" : "4, 5", squared ? t("eq4") : t("eq45"), squared ? "∂E/∂y_{j} = y_{j} − d_{j}" : "∂E/∂x_{j} = y_{j} − d_{j}", squared ? up : back, near ? [] : [term("y", now.y[layer][k]), term("− d", -d[k])],
      near ? t("noMargin", { margin: data.recipe.margin, desired: d[k] }) : ""));
  } else {
    const above = net.computed.filter((each) => each.sees.includes(layer)).flatMap((higher) =>
      [...(now.back.dEdx[higher.name] ?? [])].map((g, j) =>
        term(unitName([higher.name, j]), g, now.weights[net.key(layer, higher.name)][k * higher.units + j])));
    const sent = [...now.back.sent].map((g, j) => term(unitName([net.output.name, j]), g)).filter((each) => each.value);
    found.push(equation("4", t("eq4hidden", { count: sent.length }), "∂E/∂y_{j} = y_{j} − d_{j}", sent.reduce((sum, each) => sum + Math.abs(each.value), 0), sent));
    found.push(equation("7", t("eq7"), "∂E/∂y_{i} = Σ_{j} ∂E/∂x_{j} w_{ji}", up, above));
  }
  if (off) found.push(equation("5", t("eq5"), "∂E/∂x_{j}", 0, [], t("heldAt0")));
  else if (!(output && signal !== "squared"))
    found.push(equation("5", t("eq5"), `∂E/∂x_{j} = ∂E/∂y_{j} ${SLOPES[kind]}`, back, [term(unitName([layer, k]), up, slope(net, layer, now.y[layer][k]))]));
  return found;
}

/** The change that the next sweep makes to a weight. */
function stepOf([key, i, j]) {
  const connection = net.connections[key], k = i * net.units[connection.above] + j, cases = data.cases.length - data.heldOut.length;
  const sum = gradient(net, now.weights, allCases(), data.recipe, view.off)[key][k];
  const before = changes ? weightsOf(net, changes, view.snap)[key][k] : 0;
  return { sum, before, ...weightChange(net, data.recipe, connection, now.weights[key][k], sum, before, data.snapshots[view.snap].sweep + 1, cases) };
}

function weightEquations([key, i, j]) {
  const { below, above } = net.connections[key], name = unitName([above, j]), case_ = now.back.dEdw[key]?.[i * net.units[above] + j] ?? 0;
  const found = [el("h3", {}, weightName([key, i, j].join(".")))];
  if (now.at < 0) return [...found, el("p", { class: "muted" }, t("noDesired"))];
  found.push(equation("6", t("eq6"), "∂E/∂w_{ji} = ∂E/∂x_{j} y_{i}", case_, [term(name, now.back.dEdx[above]?.[j] ?? 0, now.y[below][i])]));
  found.push(...(data.heavy ? [el("p", { class: "muted" }, t("heavy"))] : sweepEquations([key, i, j])));
  const y = now.y[below][i], { count, sum, ways } = paths(net, now.weights, now.y, now.back, above, j, data.recipe, view.off, PATHS);
  const times = ways.map((way) => ({ ...way, value: way.value * y, factors: [...way.factors, ["y", y]] }));
  found.push(...pathList(times, count ? t("paths", { count, sum: fmt(sum * y), gradient: fmt(case_) }) : noPath()));
  return found;
}

/** The gradient over all training cases, and the change that the next sweep makes. */
function sweepEquations([key, i, j]) {
  const step = stepOf([key, i, j]), cases = data.cases.length - data.heldOut.length, w = now.weights[key][place([key, i, j].join(".")).k];
  const found = [equation("6", t("eq3all", { cases }), "Σ_{c} ∂E_{c}/∂w_{ji}", step.sum)];
  const r = data.recipe, sweep = data.snapshots[view.snap].sweep + 1;
  if (r.batch) return [...found, el("p", { class: "muted" }, t("batches", { batch: r.batch }))];
  if (!changes && sweep > 1) return [...found, el("p", { class: "muted" }, t("noChange"))];
  const notes = [t("stepNumbers", { epsilon: fmt(step.epsilon), alpha: step.alpha, decay: r.decay }),
                 altered() ? t("hypothetical") : sweep > r.sweeps ? t("wouldBe") : ""].filter(Boolean).join("; ");
  found.push(equation("8, 9", t("eq9", { sweep }), "Δw(t) = −ε ∂E/∂w(t) + α Δw(t−1)", step.delta,
    [term("−ε ∂E/∂w", -step.epsilon, step.sum), term("α Δw(t−1)", step.alpha, step.before)], notes));
  found.push(equation("", t("decayed"), "w_{ji}", step.after, [term("(w + Δw)(1 − decay)", w + step.delta, step.kept)]));
  return found;
}

const noPath = () => t(view.off.has(inHand().join(".")) ? "noPathOff" : "noPath");

function pathList(ways, head) {
  return [el("h4", {}, head), ...ways.slice(0, PATHS).map((way) => el("div", { class: "equation" },
    el("p", { class: "muted" }, way.units.map(unitName).join(" → ")),
    el("p", { class: "formula" }, way.factors.map(([of, v]) => `${fmt(v)}`).join(" × "), " = ", el("strong", {}, fmt(way.value))),
    el("p", { class: "muted small" }, way.factors.map(([of]) => of).join(" × "))))];
}

function showEquations() {
  const box = $("equations");
  const unit = inHand();
  if (!unit) return fill(box, el("p", { class: "muted" }, t("chooseHidden")));
  const parts = [el("h3", {}, unitName(unit)), ...unitEquations(unit)];
  if (view.weight) parts.push(...weightEquations(view.weight));
  else if (now.at >= 0 && net.layer[unit[0]].sees.length) {
    const { count, ways } = paths(net, now.weights, now.y, now.back, ...unit, data.recipe, view.off, PATHS);
    parts.push(...pathList(ways, count ? t("pathsUnit", { count, sum: fmt(now.back.dEdx[unit[0]]?.[unit[1]] ?? 0) }) : noPath()));
  }
  fill(box, ...parts);
}

// ---- learning, what if, equivalents

function showLearning() {
  const s = data.snapshots[view.snap], slider = $("slider");
  slider.value = view.snap;
  slider.setAttribute("aria-valuetext", t("sweep", { sweep: s.sweep }));
  $("sweep").textContent = t("sweep", { sweep: s.sweep });
  $("play").textContent = playing ? t("pause") : t("play");
  for (const id of ["answer", "details", "broken"]) $(id).setAttribute("aria-live", playing ? "off" : "polite");
  $("error").textContent = (altered() ? `${t("ofUnchanged")} ` : "") + t("errorNow", { error: fmt(s.squaredError), right: s.right, cases: data.cases.length - data.heldOut.length, heldRight: s.heldRight, held: data.heldOut.length });
  $("no-snapshots").hidden = data.snapshots.length > 1 || data.recipe.sweeps === 0;
  const c = data.curve, W = 600, H = 90, last = c.sweep[c.sweep.length - 1] || 1;
  const logs = c.squaredError.map((e) => Math.log(Math.max(e, 1e-9))), low = logs.reduce((a, b) => Math.min(a, b)), high = logs.reduce((a, b) => Math.max(a, b), low + 1e-9);
  const X = (sweep) => 4 + (W - 8) * (sweep / last), Y = (l) => 6 + (H - 12) * (1 - (l - low) / (high - low));
  const curve = svg("svg", { viewBox: `0 0 ${W} ${H}`, preserveAspectRatio: "none", role: "img", "aria-label": t("learningHelp") },
    svg("polyline", { class: "curve", fill: "none", points: c.sweep.map((sweep, k) => `${X(sweep)},${Y(logs[k])}`).join(" "), "vector-effect": "non-scaling-stroke" }),
    svg("line", { class: "marker", x1: X(s.sweep), x2: X(s.sweep), y1: 0, y2: H, "vector-effect": "non-scaling-stroke" }));
  fill($("curve"), curve);
}

function caseButton(k, mark = "") {
  return el("button", { type: "button", "data-key": `c${k}`, onclick: () => change({ person: data.cases[k][0], relation: data.cases[k][1] }) },
    `${caseName(k)}${mark}`);
}

function showWhatIf() {
  $("off").disabled = !hidden(view.unit);
  $("off").textContent = hidden(view.unit) ? t(view.off.has(view.unit.join(".")) ? "switchOn" : "switchOff", { unit: unitName(view.unit) }) : t("switchOff", { unit: t("unit") });
  $("flip").disabled = !view.weight;
  $("reset").disabled = !view.off.size && !view.flips.size;
  const before = allRight(weightsNow(new Set()), new Set()), box = $("broken");
  const told = new Set(data.heldOut), cases = listedCases(), some = data.part ? t("ofPart") : "";
  const wrong = cases.filter((k) => !before.get(k) && !told.has(k));
  refill($("held"), el("h3", {}, `${t("heldOutCases")} ${some}`), el("div", { class: "chips" }, ...cases.filter((k) => told.has(k)).map((k) => caseButton(k, before.get(k) ? " ✓" : " ✗"))),
    ...(wrong.length ? [el("h3", {}, t("wrongCases", { count: wrong.length })), el("div", { class: "chips" }, ...wrong.map((k) => caseButton(k, " ✗")))] : []));
  if (!view.off.size && !view.flips.size)
    return refill(box, el("p", {}, `${t("nothingChanged", { right: cases.filter((k) => before.get(k)).length, cases: cases.length })} ${some}`));
  const after = allRight(now.weights, view.off);
  const broken = cases.filter((k) => before.get(k) && !after.get(k));
  const mended = cases.filter((k) => after.get(k) && !before.get(k)).length;
  const done = [...[...view.off].map((each) => t("isOff", { unit: unitName(splitUnit(each)) })),
                ...[...view.flips].map((each) => t("isFlipped", { weight: weightName(each) }))].join("; ");
  refill(box, el("p", {}, `${done}. `, broken.length || mended ? t("broken", { count: broken.length, mended }) : t("nothingBreaks")),
    el("div", { class: "chips" }, ...broken.map((k) => caseButton(k))));
}
const caseName = (k) => `${data.people[data.cases[k][0]]} ${label(data.relations[data.cases[k][1]])}`;
const splitUnit = (text) => { const [layer, k] = splitLast(text, "."); return [layer, +k]; };

function showEquivalents() {
  const box = $("equivalents");
  $("same-question").hidden = !data.equivalents;
  if (!data.equivalents) return;
  const column = (person) => {
    const { y } = forward(net, now.weights, inputsOf(person, view.relation), view.off), out = y[net.output.name];
    const at = caseAt(person, view.relation), facts = at < 0 ? [] : data.cases[at][2];
    const ranked = data.people.map((name, k) => [name, out[k], k]).sort((a, b) => b[1] - a[1]).slice(0, 4);
    return el("div", { class: "answers" }, el("h3", {}, question(person, view.relation)),
      el("p", { class: "muted" }, at < 0 ? t("noFact") : data.heldOut.includes(at) ? t("heldOut") : t("training")),
      el("ol", {}, ...ranked.map(([name, value, k]) => el("li", { class: value > HALF ? "on" : "" },
        `${name} ${value.toFixed(3)}${facts.includes(k) ? (value > HALF ? " ✓" : " ○") : value > HALF && at >= 0 ? " ✗" : ""}`,
        el("span", { class: "bar", "aria-hidden": "true", style: `--y:${value}` })))));
  };
  fill(box, column(view.person), column(data.equivalents[view.person]));
}

// ---- keeping

function viewNumbers() {
  const rows = (of) => Object.fromEntries(Object.entries(of).map(([k, v]) => [k, [...v]]));
  return { question: [data.people[view.person], data.relations[view.relation]], sweep: data.snapshots[view.snap].sweep,
    off: [...view.off], flipped: [...view.flips], desired: [...now.desired], total_input: rows(now.x), activity: rows(now.y),
    dE_dy: rows(now.back.dEdy), dE_dx: rows(now.back.dEdx), connections: net.connections.map((c) => [c.below, c.above]), weights: now.weights.map((w) => [...w]), dE_dw: now.back.dEdw.map((w) => [...w]), network: data.network, seed: data.seed, fingerprint: fullFingerprint,
    recipe: data.recipe, version: data.version };
}
function viewCsv() {
  const safe = (cell) => (/^[=+\-@\t\r]/.test(cell) && Number.isNaN(+cell) ? `'${cell}` : cell);
  const quoted = (cell) => { const text = safe(String(cell)); return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text; };
  const rows = [["kind", "from", "to", "total_input", "activity_or_weight", "dE_dy", "dE_dx_or_dE_dw"]];
  for (const layer of net.layers)
    for (let k = 0; k < layer.units; k++)
      rows.push(["unit", "", plainName([layer.name, k]), now.x[layer.name]?.[k] ?? "", now.y[layer.name][k], now.back.dEdy[layer.name]?.[k] ?? "", now.back.dEdx[layer.name]?.[k] ?? ""]);
  for (const c of net.connections)
    for (let i = 0; i < net.units[c.below]; i++)
      for (let j = 0; j < net.units[c.above]; j++) {
        const k = i * net.units[c.above] + j;
        rows.push(["weight", plainName([c.below, i]), plainName([c.above, j]), "", now.weights[c.key][k], "", now.back.dEdw[c.key]?.[k] ?? 0]);
      }
  return rows.map((row) => row.map(quoted).join(",")).join("\r\n");
}
function picture() {
  const copy = $("net-picture").cloneNode(true), style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const box = copy.viewBox.baseVal;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("viewBox", `0 -44 ${box.width} ${box.height + 44}`);
  copy.setAttribute("width", box.width * 1.5);
  copy.setAttribute("height", (box.height + 44) * 1.5);
  copy.setAttribute("font-family", "system-ui, sans-serif");
  copy.prepend(svg("style", {}, `.label{fill:${colour("--muted")};font-size:11px}.ground{fill:#8f8f8f}.pressed,.end{stroke:${colour("--accent")};stroke-width:3}.path{stroke:${colour("--path")};stroke-width:3}.fact{fill:#c8201a;stroke:#fff}.cross{stroke:#c8201a;stroke-width:3}`),
    svg("rect", { x: 0, y: -44, width: box.width, height: box.height + 44, fill: colour("--back") }),
    svg("text", { x: 4, y: -26, "font-size": 13, "font-weight": 700, fill: colour("--ink") }, `${question(view.person, view.relation)}  ${t("sweep", { sweep: data.snapshots[view.snap].sweep })}`),
    svg("text", { x: 4, y: -8, "font-size": 11, fill: colour("--ink") }, $("answer").lastChild.textContent));
  // XML allows no control characters, not even escaped ones.
  return new XMLSerializer().serializeToString(copy).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, " ");
}
function save(name, type, text) {
  const link = el("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

start();
window.familyTrees = { get view() { return view; }, get now() { return now; }, get data() { return data; }, get net() { return net; },
  answers: (person, relation) => [...forward(net, weightsOf(net, numbers, data.snapshots.length - 1), inputsOf(person, relation)).y[net.output.name]],
  gradient: (snap) => gradient(net, weightsOf(net, numbers, snap), allCases(), data.recipe).map((v) => [...v]),
  backward: (person, relation) => { const at = caseAt(person, relation), w = weightsOf(net, numbers, data.snapshots.length - 1);
    return bothPasses(net, w, inputsOf(person, relation), desiredOf(at < 0 ? [] : data.cases[at][2]), data.recipe).dEdw.map((v) => [...v]); },
  step: (key, i, j) => stepOf([key, i, j]), told,
  trainedAgain: () => makeTrainer(net, data.recipe, allCases(), { seed: data.seed, number: data.network }).trainTo(data.recipe.sweeps).fingerprint(),
  paths: (layer, k) => paths(net, now.weights, now.y, now.back, layer, k, data.recipe, view.off).ways,
  numbers: viewNumbers, csv: viewCsv, picture };
