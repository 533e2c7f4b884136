// The top of the page: training and its speed, the recipe and its numbers, seed and number, and E by sweep.
import { $, colour, el, setAttributes, setText, sharp, whenChanged, widthOf } from "./dom.js";
import { countRight } from "./judging.js";
import { altered, counts } from "./now.js";
import { dispatch, isOfData, session } from "./session.js";
import { SPEEDS, sameRecipe } from "./store.js";
import { splitLast } from "./address.js";
import { fmt, label, t, unitName } from "./words.js";

/** The numbers that sliders offer: round ones, from small to large. */
const ROUND = (low, high, digits) => {
  const found = [];
  for (let power = low; power <= high; power++) for (const digit of digits) found.push(Number(`${digit}e${power}`));
  return found;
};
const DIGITS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8];
const SLIDERS = {
  epsilon: { values: ROUND(-4, 0, DIGITS) },
  initial_range: { values: ROUND(-2, 0, DIGITS).concat([10, 12, 15, 20]) },
  alpha: { values: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99] },
  decay: { values: [0, 0.0001, 0.0002, 0.0005, 0.001, 0.0015, 0.002, 0.003, 0.004, 0.005, 0.007, 0.01, 0.02] },
  margin: { values: [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45] },
  sweeps: { values: [100, 200, 500, 1000, 1500, 2000, 3000, 5000, 10000, 20000] },
};
const settingNow = (recipe, key) => [recipe[key]].flat().at(-1);
const nearestPlace = (values, value) => values.reduce((best, each, k) => (Math.abs(each - value) < Math.abs(values[best] - value) ? k : best), 0);

export const controlsView = { build: buildControls, update: updateControls };

function buildControls() {
  $("train").addEventListener("click", () => dispatch(session.state.playing ? { type: "pause" }
    : { type: "play", from: shownSweep() >= session.lab.last ? 0 : shownSweep() }));
  $("one").addEventListener("click", () => dispatch({ type: "sweep", sweep: nextSweep() }));
  $("rewind").addEventListener("click", () => dispatch({ type: "sweep", sweep: 0 }));
  $("slider").addEventListener("input", (event) => dispatch({ type: "sweep", sweep: Number(event.target.value) }));
  $("speed").addEventListener("change", (event) => dispatch({ type: "set", patch: { speed: Number(event.target.value) } }));
  $("recipe").addEventListener("change", (event) => {
    const own = session.data.recipe, recipe = session.data.recipes[event.target.value] ?? own;
    dispatch({ type: "recipe", recipe: sameRecipe(recipe, own) ? own : recipe });
  });
  $("number").addEventListener("change", (event) => {
    const number = Number(event.target.value);
    if (event.target.value !== "" && Number.isInteger(number) && number >= 0 && number < 2 ** 32) dispatch({ type: "network", number });
    else event.target.value = session.state.number;
  });
  $("next-network").addEventListener("click", () => dispatch({ type: "network", number: (session.state.number + 1) % 2 ** 32 }));
  $("seed").addEventListener("change", (event) => {
    const text = event.target.value.trim();
    if (/^\d{1,20}$/.test(text) && BigInt(text) < 1n << 64n)
      dispatch({ type: "network", seed: Number.isSafeInteger(Number(text)) ? Number(text) : text });
    else event.target.value = session.state.seed;
  });
  $("numbers").addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    $("numbers").open = false;
    $("numbers").querySelector("summary").focus();
  });
  $("recipe-sliders").replaceChildren(...Object.entries(SLIDERS).map(([key, { values }]) => el("label", { class: "setting" },
    el("span", { "data-t": `set_${key}` }), el("input", { type: "range", min: 0, max: values.length - 1, id: `set-${key}`,
      oninput: (event) => dispatch({ type: "setting", key, value: values[event.target.value] }) }), el("output", { id: `out-${key}` }))));
}

/** The sweep after the one that is shown; of recorded moments, the next one. */
function nextSweep() {
  const { lab } = session, shown = shownSweep();
  return lab.exact ? Math.min(lab.last, shown + 1) : lab.moments.find(({ sweep }) => sweep > shown)?.sweep ?? lab.last;
}

/** The sweep that is on the page: the one asked for, or the last that is known. */
export const shownSweep = () => session.lab.at(Math.min(session.state.sweep, session.lab.last)).sweep;

function updateControls(now) {
  const { state, lab, recipe } = now, shown = now.sweep, { right, cases, heldRight, held } = counts(now);
  setText($("train"), t(state.playing ? "pause" : shown >= lab.last ? "again" : shown > 0 ? "goOn" : "train"));
  setAttributes($("one"), { disabled: shown >= lab.last ? "" : null });
  setAttributes($("slider"), { max: lab.last, step: 1, "aria-valuetext": t("sweep", { sweep: shown }) });
  $("slider").value = shown;
  setText($("sweep"), now.ahead && !state.playing ? t("trainingNow", { sweep: shown, until: state.sweep }) : t("sweep", { sweep: shown }));
  setText($("counts"), t("countsNow", { right, cases }) + (held ? ` · ${t("countsHeld", { heldRight, held })}` : "") + (altered(state) ? ` ${notCounted(state)}` : ""));
  setText($("error"), `E = ${fmt(now.moment.error)}`);
  whenChanged($("recipe-sliders"), [recipe, state.lang], () => {
    for (const [key, { values }] of Object.entries(SLIDERS)) {
      const value = settingNow(recipe, key), at = nearestPlace(values, value);
      $(`set-${key}`).value = at;
      setAttributes($(`set-${key}`), { "aria-valuetext": String(value), disabled: (key === "margin" && recipe.error_signal === "softmax") ? "" : null });
      setText($(`out-${key}`), String(value));
    }
  });
  whenChanged($("recipe"), [state.recipe, state.lang], fillChoices);
  if (document.activeElement !== $("number")) $("number").value = state.number;
  if (document.activeElement !== $("seed")) $("seed").value = state.seed;
  whenChanged($("about"), [state.lang, lab.id], () => setText($("about"), aboutText(now)));
  drawCurve(now);
}

/** That the counts are those before what the visitor changed; nothing where nothing is changed. */
export function notCounted(state) {
  if (!altered(state)) return "";
  const [unit] = state.off, [layer, k] = splitLast(unit ?? "", ".");
  return state.off.size === 1 && !state.flips.size && !state.swap ? t("offNotCounted", { unit: unitName([layer, +k]) }) : t("changesNotCounted");
}

/** The name of a recipe without the numbers that were set. */
const plainRecipe = ({ name }) => label(name.split(",")[0]);

function aboutText({ data, state, recipe }) {
  const name = data.recipes[recipe.name] && sameRecipe(data.recipes[recipe.name], recipe) ? label(recipe.name) : t("changedRecipe", { recipe: plainRecipe(recipe) });
  const part = data.part && !state.family ? `. ${t("part", { count: data.part.length, of: data.people.length, around: data.around })}` : "";
  return t("network", { number: state.number, seed: state.seed, recipe: name }) + part + (isOfData() && data.fingerprint ? ` (${t("ofModel")})` : "");
}

function fillChoices() {
  const { data, state } = session, names = Object.keys(data.recipes), same = names.find((name) => sameRecipe(data.recipes[name], state.recipe));
  const choices = names.map((name) => el("option", { value: name }, t(`recipe_${name}`)));
  if (!same) choices.push(el("option", { value: "" }, t("changedRecipe", { recipe: plainRecipe(state.recipe) })));
  $("recipe").replaceChildren(...choices);
  $("recipe").value = same ?? "";
  $("speed").replaceChildren(...SPEEDS.map((speed, k) => el("option", { value: k }, t("perSecond", { count: speed }))));
  $("speed").value = state.speed;
}

/** E (on a logarithmic scale, left) and training cases right (right), by sweep. */
function drawCurve(now) {
  const { lab, state } = now, box = $("curve-box"), width = Math.max(200, widthOf(box)), height = 104;
  const many = lab.moments.length, canvas = $("curve");
  whenChanged(canvas, [lab.id, many, now.sweep, width, state.lang, colour("ink")], () => {
    const context = sharp(canvas, width, height), left = 40, right = width - 34, top = 8, bottom = height - 20;
    const cases = Math.max(1, lab.made.filter((each) => !each.heldOut).length), errors = lab.moments.map((each) => Math.max(each.error, 1e-6));
    const low = Math.floor(Math.log10(errors.reduce((a, b) => Math.min(a, b)))), high = Math.max(low + 1, Math.ceil(Math.log10(errors.reduce((a, b) => Math.max(a, b)))));
    const X = (sweep) => left + (right - left) * (sweep / Math.max(1, lab.last));
    const Y = (error) => bottom - (bottom - top) * ((Math.log10(error) - low) / (high - low)), R = (count) => bottom - (bottom - top) * (count / cases);
    context.font = "12px system-ui, sans-serif";
    context.lineWidth = 1;
    context.strokeStyle = colour("line");
    context.strokeRect(left, top, right - left, bottom - top);
    const write = (text, x, y, align, ink) => { context.fillStyle = ink; context.textAlign = align; context.fillText(text, x, y); };
    for (let power = low; power <= high; power++) if (high - low < 4 || power === low || power === high) write(power > 3 ? `1e${power}` : fmt(10 ** power), left - 4, Y(10 ** power) + 4, "right", colour("path"));
    write("0", right + 4, bottom + 4, "left", colour("accent"));
    write(String(cases), right + 4, top + 8, "left", colour("accent"));
    write("0", left, height - 4, "center", colour("muted"));
    write(String(lab.last), right, height - 4, "center", colour("muted"));
    write(t("curveLabel"), (left + right) / 2, height - 4, "center", colour("muted"));
    const line = (value, ink, dash) => {
      context.strokeStyle = ink;
      context.lineWidth = 2;
      context.setLineDash(dash);
      context.beginPath();
      for (const [k, each] of lab.moments.entries()) context[k ? "lineTo" : "moveTo"](X(each.sweep), value(each, k));
      context.stroke();
      context.setLineDash([]);
    };
    line((each, k) => Y(errors[k]), colour("path"), []);
    line((each) => R((each.count ??= countRight(each.right, lab.made))), colour("accent"), [5, 2]);
    context.strokeStyle = colour("ink");
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(X(now.sweep), top);
    context.lineTo(X(now.sweep), bottom);
    context.stroke();
    setAttributes(canvas, { "aria-label": t("learningHelp") });
  });
}
