// Words and numbers, in the language of the page.
import { session } from "./session.js";
import { BIAS } from "./network.js";

export function t(key, values = {}) {
  const { texts, state } = session;
  const text = texts[state?.lang]?.[key] ?? texts.en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** A number for readers: three digits, and a true minus sign. */
export function fmt(v, digits = 3) {
  if (!Number.isFinite(v)) return v === Infinity ? "∞" : v === -Infinity ? "−∞" : "?";
  if (v === 0) return "0";
  const size = Math.abs(v);
  const text = size >= 1e-3 && size < 1e6 ? String(+v.toPrecision(Math.max(digits, Math.ceil(Math.log10(size))))) : v.toExponential(digits - 1);
  return text.replaceAll("-", "−");
}

/** The same with two decimals at least, as lessons ask for them. */
export const atLeastTwo = (v) => (/^−?\d+(\.\d)?$/.test(fmt(v)) ? v.toFixed(2).replace("-", "−") : fmt(v));

export const percent = (share) => `${Math.round(100 * share)}%`;

/** A name of the data in the language of the page: relations, layers, trees. */
export const label = (name) => session.texts[session.state.lang]?.[`name:${name}`] ?? name;

/** The same where there is little room. */
export const shortLabel = (name) => session.texts[session.state.lang]?.[`name:short:${name}`] ?? label(name);

/** The names of the units of a layer, if they have any. */
export function vocabulary(layer) {
  const { task } = session;
  return layer === "relation" ? task.relations : layer === "person" || layer === task.layers.at(-1).name ? task.people : null;
}

export const unitName = ([layer, k]) => layer === BIAS ? label(BIAS) : `${label(layer)} ${label(vocabulary(layer)?.[k] ?? k + 1)}`;
export const plainName = ([layer, k]) => (layer === BIAS ? BIAS : `${layer} ${vocabulary(layer)?.[k] ?? k + 1}`);

export function weightName([key, i, j]) {
  const { below, above } = session.lab.network.connections[key];
  return t("weight", { below: unitName([below, i]), above: unitName([above, j]) });
}

/** Whether a Korean word ends with a consonant, on which the form of its particle depends. */
export function endsWithConsonant(word) {
  const code = word.charCodeAt(word.length - 1) - 0xac00;
  return code >= 0 && code < 11172 && code % 28 > 0;
}

/** The particle of direction: "-ro" after a vowel or l, "-euro" after another consonant; of digits, 0, 3 and 6 end with one. */
export const towards = (word) => (/[036]$/.test(word) || endsWithConsonant(word) && (word.charCodeAt(word.length - 1) - 0xac00) % 28 !== 8 ? "으로" : "로");

/** The particle of the object of a Korean sentence. */
export const objectOf = (word) => (endsWithConsonant(word) ? "을" : "를");

/** "Who are Colin's aunts?" in the language of the page. */
export function question(person, relation) {
  const { people, relations } = session.task, word = label(relations[relation]);
  return t("has", { person: people[person], relation: word, topic: endsWithConsonant(word) ? "은" : "는" });
}

export const caseName = (k) => {
  const [person, relation] = session.task.cases[k];
  return t("caseName", { person: session.task.people[person], relation: label(session.task.relations[relation]) });
};

/** A list in words, cut after `most`; `more` is the text for the rest. */
export function listed(items, most = 8, more = "andMore") {
  const rest = items.length - most;
  return items.slice(0, most).join(", ") + (rest > 0 ? ` ${t(more, { count: rest })}` : "");
}
