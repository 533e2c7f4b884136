// The tab "Family": rename, add a child, marry, remove. The facts and the network follow.
import { $, el, setText, whenChanged } from "./dom.js";
import { MOST_LETTERS, added, csvOfFamily, married, removed, renamed, taskOfFamily, usualHeldOut } from "./family.js";
import { kinOf } from "./kin.js";
import { dispatch, session } from "./session.js";
import { saveFile } from "./view_keep.js";
import { t } from "./words.js";

export const familyTab = { update: updateFamily };

/** The family as it stands: edited, or that of the data; null where facts do not follow from births and marriages. */
export const familyNow = () => session.state.family ?? (session.data.families && { people: session.data.people, ...session.data.families });
export const canEdit = () => Boolean(session.data.families) && !session.data.part;

let problem = "";

function updateFamily(panel, now) {
  whenChanged(panel, ["family", now.task.id, now.state.person, now.state.lang, problem], () => drawFamily(panel, now));
}

/** Take an edit, unless there is a reason why not. The person who is asked about stays, as far as there still is one. */
function edit({ family = null, problem: reason = "" }, person = null) {
  problem = reason;
  if (!family) return dispatch({ type: "set", patch: {} });
  const { people, cases } = taskOfFamily(family), name = person ?? session.task.people[session.state.person], at = Math.max(0, people.indexOf(name));
  const [first, relation] = cases.find(([k]) => k === at) ?? cases[0];
  return dispatch({ type: "family", family, person: first, relation, heldCount: usualHeldOut(cases.length) });
}

function drawFamily(panel, now) {
  const family = familyNow(), name = now.task.people[now.state.person], k = family.people.indexOf(name), kin = kinOf(family)[k];
  const field = (id) => el("input", { type: "text", id, maxlength: MOST_LETTERS, "data-key": id, autocomplete: "off" });
  const choice = (id, options) => el("select", { id, "data-key": id, "aria-label": id.endsWith("sex") ? t("sex") : null }, ...options.map(([value, text]) => el("option", { value }, text)));
  const sexes = () => [["male", t("male")], ["female", t("female")]], others = family.people.map((each, n) => [n, each]).filter(([n]) => n !== k);
  const form = (words, parts, run) => el("form", { class: "line edit", onsubmit: (event) => { event.preventDefault(); run(); } }, ...parts, el("button", { type: "submit", "data-key": words }, t(words)));
  const value = (id) => $(id).value.trim(), active = panel.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  panel.replaceChildren(el("p", { class: "muted" }, t("familyHelp")), el("p", { id: "edit-problem", role: "status", class: "wrong-text" }, problem && t(problem)),
    el("h3", {}, name),
    form("editRename", [el("label", {}, `${t("newName")} `, field("edit-name"))], () => edit(renamed(family, k, value("edit-name")), value("edit-name"))),
    form("editChild", [el("label", {}, `${t("childName")} `, field("edit-child")), choice("edit-child-sex", sexes()),
      el("label", {}, `${t("otherParent")} `, choice("edit-parent", [...kin.spouses.map((n) => [n, family.people[n]]), ["", t("nobodyKnown")]]))],
      () => edit(added(family, value("edit-child"), value("edit-child-sex"), { parents: [k, ...(value("edit-parent") === "" ? [] : [Number(value("edit-parent"))])] }))),
    form("editMarryNew", [el("label", {}, `${t("spouseName")} `, field("edit-spouse")), choice("edit-spouse-sex", family.sexes[k] === "female" ? sexes() : sexes().reverse())],
      () => edit(added(family, value("edit-spouse"), value("edit-spouse-sex"), { spouse: k }))),
    form("editMarryOld", [el("label", {}, `${t("somebody")} `, choice("edit-old", others))], () => edit(married(family, k, Number(value("edit-old"))))),
    el("div", { class: "line" }, el("button", { type: "button", id: "edit-remove", "data-key": "edit-remove", onclick: () => edit(removed(family, k)) }, t("editRemove", { name })),
      el("button", { type: "button", id: "edit-undo", "data-key": "edit-undo", disabled: !now.state.family, onclick: () => { problem = ""; dispatch({ type: "family", family: null, person: 0, relation: session.data.cases[0][1], heldCount: session.data.heldOut.length }); } }, t("editUndo")),
      el("button", { type: "button", id: "edit-save", "data-key": "edit-save", onclick: () => saveFile("family.csv", "text/csv", csvOfFamily(family)) }, t("editSave"))),
    el("p", { class: "muted" }, t("familyCounts", { people: now.task.people.length, cases: now.task.cases.length, units: now.task.layers.filter(({ sees }) => sees.length).map(({ units }) => units).join(", ") })));
  if (active) panel.querySelector(`[data-key="${CSS.escape(active)}"]`)?.focus();
  setText($("edit-problem"), problem && t(problem));
}
