// The tab "Keep": the fingerprint, the command that makes the same network, links, numbers and a picture.
import { $, colour, el, setText, svg, whenChanged } from "./dom.js";
import { hashOf } from "./address.js";
import { fingerprint } from "./fingerprint.js";
import { usualHeldOut } from "./family.js";
import { modelFile, openModel } from "./models.js";
import { isOfData, session } from "./session.js";
import { plainName, question, t } from "./words.js";

export const keepTab = { update: updateKeep };

/** The fingerprint of the network at the sweep that is shown. */
export function fingerprintNow(now) {
  const { moment, data, lab } = now;
  if (!lab.exact && data.recorded.bits < 64) return moment.sweep === lab.last ? data.fingerprint : "";
  return (moment.moment.fingerprint ??= fingerprint(moment.weights));
}

/** The command that trains the very network of this page. */
export function commandOf({ data, task, state, recipe, lab, moment }) {
  const known = Object.values(data.recipes).find((each) => each.name === recipe.name) ?? data.recipe, parts = ["family-trees train"];
  if (data.tree || state.family) parts.push(`--tree ${state.family ? "family.csv" : "FILE"}`);
  parts.push(`--recipe ${known.name}`);
  for (const key of Object.keys(recipe))
    if (key !== "name" && key !== "sweeps" && String(recipe[key]) !== String(known[key])) parts.push(`--set ${key}=${recipe[key]}`);
  if (moment.sweep !== known.sweeps) parts.push(`--sweeps ${moment.sweep}`);
  return [...parts, ...networkOptions({ task, state, lab })].join(" ");
}

/** The options of seed, number and held-out facts. */
export function networkOptions({ task, state, lab }) {
  const parts = [];
  if (String(state.seed) !== "0") parts.push(`--seed ${state.seed}`);
  if (state.number) parts.push(`--network ${state.number}`);
  const held = lab.setting.heldOut;
  if (state.heldOut) for (const k of held) parts.push(`--hold-out '${task.people[task.cases[k][0]].replaceAll("'", "'\\''")} ${task.relations[task.cases[k][1]]}'`);
  if (state.heldOut ? !held.length : state.heldCount !== usualHeldOut(task.cases.length)) parts.push(`--held-out ${held.length}`);
  return parts;
}

function updateKeep(panel, now) {
  whenChanged(panel, ["keep", now.state.lang], () => buildKeep(panel));
  if (now.state.playing) return;
  const print = fingerprintNow(now), same = isOfData() && now.sweep === now.data.recipe.sweeps && now.data.fingerprint;
  setText($("fingerprint-whole"), print || "–");
  setText($("fingerprint-help"), t(!print ? "fingerprintNone" : !now.lab.exact ? "fingerprintGiven" : !same ? "fingerprintComputed" : print === now.data.fingerprint ? "fingerprintSame" : "fingerprintOther", { sweep: now.sweep }));
  setText($("command"), commandOf(now));
  keepNow = now;
}

let keepNow = null;
function buildKeep(panel) {
  panel.replaceChildren(
    el("h3", {}, t("fingerprintOf")), el("p", { class: "whole" }, el("code", { id: "fingerprint-whole" })), el("p", { class: "muted", id: "fingerprint-help" }),
    el("h3", {}, t("commandOf")), el("p", { class: "whole" }, el("code", { id: "command" })),
    el("h3", {}, t("keep")), el("div", { class: "line" },
      el("button", { type: "button", id: "copy", onclick: copyLink }, t("copyLink")),
      el("button", { type: "button", id: "json", onclick: () => saveFile("view.json", "application/json", JSON.stringify(viewNumbers(keepNow), null, 1)) }, t("saveJson")),
      el("button", { type: "button", id: "csv", onclick: () => saveFile("view.csv", "text/csv", viewCsv(keepNow)) }, t("saveCsv")),
      el("button", { type: "button", id: "picture", onclick: () => saveFile("view.svg", "image/svg+xml", pictureOf(keepNow)) }, t("savePicture"))),
    el("p", { id: "kept", class: "muted", "aria-live": "polite" }), el("h3", {}, t("models")), el("div", { class: "line" }, el("button", { type: "button", id: "save-model", onclick: () => saveFile("network.npz", "application/octet-stream", modelFile(keepNow)) }, t("saveModel")),
      el("label", {}, `${t("openModel")} `, el("input", { type: "file", id: "open-model", accept: ".npz", onchange: (event) => takeModel(event.target.files[0]) }))), el("p", { class: "muted" }, t("modelHelp")), el("p", { class: "muted" }, t("ownNetwork")), el("h3", {}, t("words")),
    ...Object.keys(session.texts.en).filter((key) => key.startsWith("word_")).map((key) => el("p", { class: "muted" }, t(key, marginWords()))));
}

const marginWords = () => ({ margin: session.state.recipe.margin, low: session.state.recipe.margin, high: +(1 - session.state.recipe.margin).toFixed(6) });

/** Open a model file in the page. A file that is none does no more than a sentence. */
async function takeModel(file) {
  if (!file) return;
  try {
    openModel(await file.arrayBuffer());
  } catch (reason) {
    setText($("kept"), t("badModel", { name: file.name, why: reason.message }));
  }
}

async function copyLink() {
  const link = location.href.split("#")[0] + hashOf(session.state);
  try {
    await navigator.clipboard.writeText(link);
    setText($("kept"), t("copied"));
  } catch {
    setText($("kept"), link);
  }
}

export function saveFile(name, type, content) {
  const link = el("a", { href: URL.createObjectURL(new Blob([content], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

export function viewNumbers(now) {
  const { network, state, task, data, back, recipe } = now, rows = (of) => Object.fromEntries(Object.entries(of).map(([k, v]) => [k, [...v]]));
  return { question: [task.people[state.person], task.relations[state.relation]], sweep: now.sweep, off: [...state.off], flipped: [...state.flips],
    swapped: state.swap?.map((k) => task.people[k]) ?? [], desired: [...now.desired], total_input: rows(now.x), activity: rows(now.y), dE_dy: rows(back.dEdy), dE_dx: rows(back.dEdx),
    connections: network.connections.map((c) => [c.below, c.above]), weights: now.weights.map((w) => [...w]), dE_dw: back.dEdw.map((w) => [...w]),
    network: state.number, seed: state.seed, fingerprint: fingerprintNow(now), recipe, version: data.version };
}

export function viewCsv(now) {
  const safe = (cell) => (/^[=+\-@\t\r]/.test(cell) && Number.isNaN(+cell) ? `'${cell}` : cell);
  const quoted = (cell) => { const text = safe(String(cell)); return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text; };
  const rows = [["kind", "from", "to", "total_input", "activity_or_weight", "dE_dy", "dE_dx_or_dE_dw"]], { network, back } = now;
  for (const { name, units } of network.layers)
    for (let k = 0; k < units; k++)
      rows.push(["unit", "", plainName([name, k]), now.x[name]?.[k] ?? "", now.y[name][k], back.dEdy[name]?.[k] ?? "", back.dEdx[name]?.[k] ?? ""]);
  for (const { key, below, above } of network.connections)
    for (let i = 0; i < network.units[below]; i++)
      for (let j = 0; j < network.units[above]; j++) {
        const k = i * network.units[above] + j;
        rows.push(["weight", plainName([below, i]), plainName([above, j]), "", now.weights[key][k], "", back.dEdw[key]?.[k] ?? 0]);
      }
  return rows.map((row) => row.map(quoted).join(",")).join("\r\n");
}

/** The network as a picture of its own. XML allows no control characters, not even escaped ones. */
export function pictureOf(now) {
  const copy = $("net-picture").cloneNode(true), { width, height } = copy.viewBox.baseVal;
  for (const [key, value] of Object.entries({ xmlns: "http://www.w3.org/2000/svg", viewBox: `0 -48 ${width} ${height + 48}`, width: width * 1.5, height: (height + 48) * 1.5, "font-family": "system-ui, sans-serif" })) copy.setAttribute(key, value);
  copy.prepend(svg("style", {}, `.label{fill:${colour("muted")};font-size:12px}.ground{fill:#8f8f8f}.pressed,.end{stroke:${colour("accent")};stroke-width:3}.fact{fill:#c8201a;stroke:#fff}.cross{stroke:#c8201a;stroke-width:3}`),
    svg("rect", { x: 0, y: -48, width, height: height + 48, fill: colour("back") }),
    svg("text", { x: 4, y: -30, "font-size": 13, "font-weight": 700, fill: colour("ink") }, `${question(now.state.person, now.state.relation)}  ${t("sweep", { sweep: now.sweep })}`),
    svg("text", { x: 4, y: -12, "font-size": 12, fill: colour("ink") }, $("answer").textContent));
  return new XMLSerializer().serializeToString(copy).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, " ");
}

