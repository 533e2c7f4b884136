// The tab "Window": what was measured for each step size and initial range, the window that the equations give, and where
// the recipe of the page stands in it.
import { el, roving, setAttributes, setText, svg, whenChanged } from "./dom.js";
import { dispatch } from "./session.js";
import { fmt, percent, t } from "./words.js";

const WIDE = 36, HIGH = 24, PRINTED = { epsilon: 0.01, alpha: 0.9, decay: 0.002, margin: 0.2 };
export const windowTab = { update: updateWindow };

const kindNow = ({ recipe }) => (recipe.error_signal === "squared" ? 0 : 1);

function updateWindow(panel, now) {
  const kind = kindNow(now), { state, recipe, data } = now;
  whenChanged(panel, ["window", kind, state.lang], () => buildWindow(panel, data.window, kind));
  const { ranges, factors, kinds } = data.window, factor = recipe.epsilon[1] / PRINTED.epsilon, range = [recipe.initial_range].flat().at(-1);
  const x = placeOn(ranges, range), y = placeOn(factors, factor), { smallest, largest } = kinds[kind];
  const inside = x >= -0.5 && x <= ranges.length - 0.5 && y >= -0.5 && y <= factors.length - 0.5;
  const here = panel.querySelector(".here");
  here.style.display = inside ? "" : "none";
  setAttributes(here, { cx: (x + 0.5) * WIDE, cy: (factors.length - y - 0.5) * HIGH });
  const low = between(smallest, x), high = between(largest, x);
  const where = factor < low ? "windowBelow" : factor > high ? "windowAbove" : "windowInside";
  const odd = ["alpha", "decay", "margin"].filter((key) => [recipe[key]].flat().at(-1) !== PRINTED[key]);
  const text = [t("windowHere", { epsilon: recipe.epsilon[1], range }), inside ? t(where, { low: fmt(low * PRINTED.epsilon), high: fmt(high * PRINTED.epsilon) }) : t("windowOutside"),
    odd.length || recipe.batch ? t("windowOdd", { keys: odd.concat(recipe.batch ? ["batch"] : []).join(", ") }) : ""].filter(Boolean).join(" ");
  setText(panel.querySelector(".w-here"), text);
}

/** Where a value lies among values of a logarithmic scale: its place, with a fraction. */
function placeOn(values, value) {
  let k = 0;
  while (k < values.length - 2 && value > values[k + 1]) k++;
  return k + Math.log(value / values[k]) / Math.log(values[k + 1] / values[k]);
}

/** A value between those of two ranges, on a logarithmic scale. */
function between(values, x) {
  const k = Math.max(0, Math.min(values.length - 2, Math.floor(x))), share = Math.max(0, Math.min(1, x - k));
  return Math.exp(Math.log(values[k]) * (1 - share) + Math.log(values[k + 1]) * share);
}

function buildWindow(panel, { ranges, factors, kinds, networks }, kind) {
  const { shares, smallest, largest } = kinds[kind], wide = ranges.length * WIDE, high = factors.length * HIGH;
  const cells = factors.flatMap((factor, f) => ranges.map((range, r) => {
    const share = shares[f][r], epsilon = Number((factor * PRINTED.epsilon).toPrecision(12));
    const words = t("windowCell", { epsilon, range, share: percent(share) });
    return el("button", { type: "button", class: "w-cell", "data-key": `w${f}.${r}`, title: words, "aria-label": words, style: `left:${r * WIDE}px;top:${(factors.length - 1 - f) * HIGH}px;--share:${Math.round(100 * share)}%`,
      onclick: () => choose(epsilon, range) });
  }));
  const line = (values, name) => svg("polyline", { class: `w-line ${name}`, points: ranges.map((_, r) => `${(r + 0.5) * WIDE},${(factors.length - placeOn(factors, values[r]) - 0.5) * HIGH}`).join(" ") });
  const picture = svg("svg", { width: wide, height: high, viewBox: `0 0 ${wide} ${high}`, "aria-hidden": "true" }, line(smallest, "low"), line(largest, "high"), svg("circle", { class: "here", r: 8 }));
  const grid = el("div", { class: "w-grid", role: "group", "aria-label": t("tab_window"), style: `width:${wide}px;height:${high}px` }, ...cells, picture);
  panel.replaceChildren(el("p", { class: "muted" }, t("windowHelp", { networks })), el("p", { class: "w-here" }),
    el("div", { class: "w-box" }, el("div", { class: "w-y" }, ...[...factors].reverse().map((factor) => el("span", {}, fmt(factor * PRINTED.epsilon)))),
      el("div", {}, grid, el("div", { class: "w-x" }, ...ranges.map((range) => el("span", {}, String(range)))), el("p", { class: "muted w-label" }, t("windowX")))),
    el("p", { class: "muted" }, t("windowKey")));
  roving(grid);
}

function choose(epsilon, range) {
  dispatch({ type: "setting", key: "epsilon", value: epsilon });
  dispatch({ type: "setting", key: "initial_range", value: range });
}
