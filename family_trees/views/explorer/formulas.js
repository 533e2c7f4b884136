// The paper's equations as formulas, and as lines with numbers.
import { el } from "./dom.js";
import { session } from "./session.js";
import { atLeastTwo, fmt, t } from "./words.js";

const TERMS = 6;

/** Equation 2 for each kind of unit; x_{j} stands for an index, and the same text is LaTeX without its signs. */
export const EQUATION_2 = { logistic: "y_{j} = 1 / (1 + exp(−x_{j}))", tanh: "y_{j} = tanh x_{j}", relu: "y_{j} = max(0, x_{j})",
  "leaky-relu": "y_{j} = max(0.1 x_{j}, x_{j})", elu: "y_{j} = x_{j}, or exp(x_{j}) − 1 below 0", softmax: "y_{j} = exp(x_{j}) / Σ_{k} exp(x_{k})" };
export const EQUATION_3 = { squared: "E = ½ Σ_{j} (y_{j} − d_{j})²", softmax: "E = −Σ_{j} d_{j} ln y_{j}",
  "cross-entropy": "E = −Σ_{j} [d_{j} ln y_{j} + (1 − d_{j}) ln(1 − y_{j})]" };
export const SLOPES = { logistic: "y_{j} (1 − y_{j})", tanh: "(1 − y_{j}²)", relu: "[x_{j} > 0]", "leaky-relu": "[1 or 0.1]", elu: "[1 or y_{j} + 1]" };

/** A term of a sum: what it is of, and the factors whose product it is. */
export const term = (of, ...factors) => ({ of, factors, value: factors.reduce((a, b) => a * b, 1) });

/** A formula with its indices set below the line. */
export function formulaOf(text) {
  const parts = text.split(/([_^]\{[^}]*\})/).map((part) => /^[_^]\{/.test(part) ? el(part[0] === "_" ? "sub" : "sup", {}, part.slice(2, -1)) : part);
  return el("span", { class: "formula" }, ...parts);
}

/** An equation with its number in the paper, its value, and the largest terms of its sum. */
export function equation(number, label, formula, value, terms = [], note = "") {
  const many = terms.length > TERMS + 1;
  const ranked = terms.filter((each) => !many || each.value).sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const cut = ranked.length > TERMS + 1 ? TERMS : ranked.length, rest = ranked.slice(cut);
  const rows = ranked.slice(0, cut).map((each) => el("tr", {}, el("td", {}, each.factors.map((v) => (v < 0 ? `(${fmt(v)})` : fmt(v))).join(" × ")),
    el("td", {}, each.factors.length > 1 ? `= ${fmt(each.value)}` : ""), el("td", { class: "muted" }, each.of)));
  if (rest.length) rows.push(el("tr", {}, el("td", {}, "…"), el("td", {}, `= ${fmt(rest.reduce((s, e) => s + e.value, 0))}`),
    el("td", { class: "muted" }, t("more", { count: rest.length }))));
  const shown = value === null ? [] : [" = ", el("strong", {}, session.state.lesson ? atLeastTwo(value) : fmt(value))];
  const node = el("div", { class: "equation", "data-number": number, "data-value": value, "data-formula": formula },
    el("p", {}, el("span", { class: "number" }, number ? `(${number}) ` : ""), formulaOf(formula), ...shown, el("span", { class: "muted" }, ` ${label}${note && `; ${note}`}`)));
  if (rows.length) node.append(el("table", {}, el("tbody", {}, ...rows)));
  return node;
}

const SIGNS = [["−", "-"], ["Σ", "\\sum"], ["½", "\\tfrac{1}{2}"], ["²", "^2"], ["∂", "\\partial "], ["ε", "\\varepsilon "], ["α", "\\alpha "],
  ["Δ", "\\Delta "], ["×", "\\times "], ["exp(", "\\exp("], ["ln ", "\\ln "], ["tanh", "\\tanh"], ["max(", "\\max("]];

/** Equations on the page as LaTeX, each with its number and value. */
export function latexOf(nodes) {
  const plain = (text) => SIGNS.reduce((all, [sign, command]) => all.replaceAll(sign, command), text);
  return nodes.map((node) => {
    const { number, value, formula } = node.dataset;
    const side = value === undefined ? "" : ` = ${Number(value).toPrecision(5)}`;
    return `\\[ ${plain(formula)}${side}${number ? ` \\tag{${number}}` : ""} \\]`;
  }).join("\n");
}
