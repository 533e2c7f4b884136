// The tab "Equations": equations 1 to 9 for the question, and for the unit or weight that is chosen, with their numbers.
import { el, whenChanged } from "./dom.js";
import { errorOf, slope, target } from "./engine.js";
import { EQUATION_2, EQUATION_3, SLOPES, equation, latexOf, term } from "./formulas.js";
import { altered, errorOfAll, inHand, stepOf } from "./now.js";
import { paths } from "./paths.js";
import { dispatch } from "./session.js";
import { fmt, t, unitName, weightName } from "./words.js";

const PATHS = 3, SHOWN_EVERY_MS = 100;
let drawn = 0;

export const equationsTab = {
  update(panel, now) {
    const { state } = now, time = performance.now();
    if (state.playing && time - drawn < SHOWN_EVERY_MS && panel.firstChild) return;
    whenChanged(panel, ["equations", now.lab.id, now.moment.sweep, state.person, state.relation, state.unit, state.weight, [...state.off], [...state.flips], state.swap, state.lang], () => {
      drawn = time;
      drawEquations(panel, now);
    });
  },
};

/** The unit whose equations stand on the page: the one chosen, else the output unit with the largest error. */
function unitExplained(now) {
  const chosen = inHand(now.state, now.network);
  if (chosen) return chosen;
  const size = now.at >= 0 ? now.back.sent : now.out;
  return [now.network.output.name, size.reduce((best, v, k) => (Math.abs(v) > Math.abs(size[best]) ? k : best), 0)];
}

function drawEquations(panel, now) {
  const unit = unitExplained(now), { state } = now;
  const parts = [el("h3", {}, unitName(unit)), ...unitEquations(now, unit)];
  if (state.weight) parts.push(...weightEquations(now, state.weight));
  else if (now.network.layer[unit[0]].sees.length) {
    if (now.at >= 0) {
      const { count, ways } = paths(now.network, now.weights, now.y, now.back, ...unit, now.recipe, state.off, PATHS);
      parts.push(...pathList(ways, count ? t("pathsUnit", { count, sum: fmt(now.back.dEdx[unit[0]]?.[unit[1]] ?? 0) }) : noPath(now)));
    }
    parts.push(weightChooser(now, unit));
  }
  const copy = el("button", { type: "button", "data-key": "latex", onclick: async (event) => {
    const text = latexOf([...panel.querySelectorAll(".equation[data-formula]")]), { target: button } = event;
    try { await navigator.clipboard.writeText(text); button.textContent = t("copied"); } catch { prompt("LaTeX", text); }
  } }, t("copyLatex"));
  const active = panel.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  panel.replaceChildren(el("p", { class: "muted" }, t("equationsHelp")), ...parts, el("div", { class: "line" }, copy));
  if (active) panel.querySelector(`[data-key="${CSS.escape(active)}"]`)?.focus();
}

/** A list to choose one of the unit's weights, whose equations 6, 8 and 9 are then shown. */
function weightChooser(now, [layer, k]) {
  const choices = now.network.layer[layer].sees.flatMap((below) => Array.from({ length: now.network.units[below] }, (_, i) =>
    el("option", { value: `${now.network.key(below, layer)}.${i}.${k}` }, unitName([below, i]))));
  return el("label", {}, `${t("chooseWeight")} `, el("select", { "data-key": "weight", onchange: (event) => {
    const [key, i, j] = event.target.value.split(".");
    if (key) dispatch({ type: "weight", weight: [key, +i, +j] });
  } }, el("option", { value: "" }, "…"), ...choices));
}

function unitEquations(now, [layer, k]) {
  const { network, recipe, state, weights } = now, { kind, sees } = network.layer[layer], output = layer === network.output.name;
  if (!sees.length) return [equation("", t("setByQuestion"), "y_{j}", now.y[layer][k])];
  const found = [el("h4", {}, t("forwardPass"))];
  const terms = sees.flatMap((below) => [...now.y[below]].map((y, i) => term(unitName([below, i]), y, weights[network.key(below, layer)][i * network.units[layer] + k])));
  found.push(equation("1", t("eq1"), "x_{j} = Σ_{i} y_{i} w_{ji}", now.x[layer][k], terms));
  const off = state.off.has(`${layer}.${k}`);
  found.push(equation("2", t("eq2"), off ? "y_{j}" : EQUATION_2[kind], now.y[layer][k], [], off ? t("heldAt0") : ""));
  if (now.at < 0) return [...found, el("p", { class: "muted" }, t("noDesired"))];
  const d = target(now.desired, recipe.error_signal), signal = recipe.error_signal, squared = signal === "squared";
  found.push(equation("3", t("eq3"), EQUATION_3[signal], errorOf(now.out, now.desired, recipe),
    squared ? [...now.out].map((y, j) => term(`${now.task.people[j]}${now.back.sent[j] ? "" : ` (${t("sendsNothing")})`}`, 0.5, y - d[j], y - d[j])) : [],
    recipe.margin ? t("marginNote", { margin: recipe.margin }) : ""));
  const cases = now.lab.made.filter((each) => !each.heldOut).length;
  if (!now.data.heavy) found.push(equation("3", t("eq3all", { cases }), "E = Σ_{c} E_{c}", errorOfAll(now)));
  found.push(el("h4", {}, t("backwardPass")));
  const back = now.back.dEdx[layer]?.[k] ?? 0, up = now.back.dEdy[layer]?.[k] ?? 0;
  if (output) {
    const near = recipe.margin && Math.abs(now.out[k] - d[k]) <= recipe.margin;
    found.push(equation(squared ? "4" : "4, 5", squared ? t("eq4") : t("eq45"), squared ? "∂E/∂y_{j} = y_{j} − d_{j}" : "∂E/∂x_{j} = y_{j} − d_{j}",
      squared ? up : back, near ? [] : [term("y", now.out[k]), term("− d", -d[k])], near ? t("noMargin", { margin: recipe.margin, desired: d[k] }) : ""));
  } else {
    const sent = [...now.back.sent].map((g, j) => term(unitName([network.output.name, j]), g)).filter((each) => each.value);
    found.push(equation("4", t("eq4hidden", { count: sent.length }), squared ? "∂E/∂y_{j} = y_{j} − d_{j}" : "∂E/∂x_{j} = y_{j} − d_{j}", null, sent));
    const above = network.computed.filter((each) => each.sees.includes(layer)).flatMap((higher) => [...(now.back.dEdx[higher.name] ?? [])].map((g, j) =>
      term(unitName([higher.name, j]), g, weights[network.key(layer, higher.name)][k * higher.units + j])));
    found.push(equation("7", t("eq7"), "∂E/∂y_{i} = Σ_{j} ∂E/∂x_{j} w_{ji}", up, above));
  }
  if (off) found.push(equation("5", t("eq5"), "∂E/∂x_{j}", 0, [], t("heldAt0")));
  else if (!(output && !squared))
    found.push(equation("5", t("eq5"), `∂E/∂x_{j} = ∂E/∂y_{j} ${SLOPES[kind]}`, back, [term(unitName([layer, k]), up, slope(network, layer, now.y[layer][k]))]));
  return found;
}

function weightEquations(now, [key, i, j]) {
  const { network } = now, { below, above } = network.connections[key], name = unitName([above, j]), w = now.weights[key][i * network.units[above] + j];
  const found = [el("h3", {}, `${weightName([key, i, j])}: ${fmt(w)}`)];
  if (now.at < 0) return [...found, el("p", { class: "muted" }, t("noDesired"))];
  const case_ = now.back.dEdw[key]?.[i * network.units[above] + j] ?? 0, y = now.y[below][i];
  found.push(equation("6", t("eq6"), "∂E/∂w_{ji} = ∂E/∂x_{j} y_{i}", case_, [term(name, now.back.dEdx[above]?.[j] ?? 0, y)]));
  found.push(...(now.data.heavy ? [el("p", { class: "muted" }, t("heavy"))] : sweepEquations(now, [key, i, j], w)));
  const { count, sum, ways } = paths(network, now.weights, now.y, now.back, above, j, now.recipe, now.state.off, PATHS);
  const times = ways.map((way) => ({ ...way, value: way.value * y, factors: [...way.factors, ["y", y]] }));
  return [...found, ...pathList(times, count ? t("paths", { count, sum: fmt(sum * y), gradient: fmt(case_) }) : noPath(now))];
}

/** The gradient over all training cases, and the change that the next sweep makes. */
function sweepEquations(now, weight, w) {
  const step = stepOf(now, weight), cases = now.lab.made.filter((each) => !each.heldOut).length, { recipe } = now, sweep = now.moment.sweep + 1;
  const found = [equation("6", t("eq3all", { cases }), "Σ_{c} ∂E_{c}/∂w_{ji}", step.sum)];
  if (recipe.batch) return [...found, el("p", { class: "muted" }, t("batches", { batch: recipe.batch }))];
  if (!now.moment.changes && sweep > 1) return [...found, el("p", { class: "muted" }, t("noChange"))];
  const notes = [t("stepNumbers", { epsilon: fmt(step.epsilon), alpha: step.alpha, decay: recipe.decay }),
                 altered(now.state) ? t("hypothetical") : sweep > recipe.sweeps ? t("wouldBe") : ""].filter(Boolean).join("; ");
  found.push(equation("8, 9", t("eq9", { sweep }), "Δw(t) = −ε ∂E/∂w(t) + α Δw(t−1)", step.delta,
    [term("−ε ∂E/∂w", -step.epsilon, step.sum), term("α Δw(t−1)", step.alpha, step.before)], notes));
  found.push(equation("", t("decayed"), "w_{ji}", step.after, [term("(w + Δw)(1 − decay)", w + step.delta, step.kept)]));
  return found;
}

const noPath = (now) => t(now.state.off.has(inHand(now.state, now.network)?.join(".")) ? "noPathOff" : "noPath");

function pathList(ways, head) {
  return [el("h4", {}, head), ...ways.slice(0, PATHS).map((way) => el("div", { class: "way" },
    el("p", { class: "muted" }, way.units.map(unitName).join(" → ")),
    el("p", { class: "formula" }, way.factors.map(([, v]) => (v < 0 ? `(${fmt(v)})` : fmt(v))).join(" × "), " = ", el("strong", {}, fmt(way.value))),
    el("p", { class: "muted small" }, way.factors.map(([of]) => (of === "slope" ? t("slope") : of)).join(" × "))))];
}
