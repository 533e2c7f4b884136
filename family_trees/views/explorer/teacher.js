// The dialogue for teachers: the five lessons, and links to the page as it stands, with parts taken away and a task set.
import { $, el, setText } from "./dom.js";
import { MOST_TASK, hashOf } from "./address.js";
import { LESSONS, linkOf } from "./lessons.js";
import { session } from "./session.js";
import { t } from "./words.js";

/** Parts of the page that a link may take away. */
export const PARTS = ["train", "speed", "slider", "recipe", "seed", "facts", "flow", "pass", "figure", "tabs", "more"];

export const teacherView = { build: buildTeacher, update() {} };

function buildTeacher() {
  $("teach").addEventListener("click", () => openTeacher());
  $("dialog").addEventListener("close", () => $("teach").focus());
}

function openTeacher() {
  const { state, data } = session, base = location.href.split("#")[0], chosen = new Set(state.hide);
  const task = el("input", { type: "text", id: "task", maxlength: MOST_TASK, value: state.step ?? "" }), link = el("input", { type: "text", id: "link", readonly: true });
  const renew = () => { link.value = base + hashOf({ ...session.state, hide: PARTS.filter((part) => chosen.has(part)), step: task.value.trim(), tour: null, lesson: null }); };
  const parts = PARTS.map((part) => el("label", { class: "choice" }, el("input", { type: "checkbox", value: part, checked: chosen.has(part),
    onchange: (event) => { if (event.target.checked) chosen.add(part); else chosen.delete(part); renew(); } }), ` ${t(`part_${part}`)}`));
  task.addEventListener("input", renew);
  const copied = el("span", { role: "status", class: "muted" });
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      setText(copied, t("copied"));
    } catch {
      link.value = text;
      link.select();
    }
  };
  const lessons = LESSONS.map((lesson) => el("li", {}, el("a", { href: linkOf(lesson, state.lang), onclick: () => $("dialog").close() }, t(`lesson_${lesson.key}_title`)), " ",
    el("button", { type: "button", onclick: () => copy(base + linkOf(lesson, session.state.lang)) }, t("copyShort"))));
  $("dialog").replaceChildren(el("h2", { id: "h-dialog" }, t("teach")),
    ...(data.equivalents ? [el("h3", {}, t("lessons")), el("ol", { class: "lessons" }, ...lessons)] : []),
    el("h3", {}, t("makeLink")), el("p", { class: "muted" }, t("makeLinkHelp")), el("fieldset", {}, el("legend", {}, t("takeAway")), ...parts),
    el("label", {}, `${t("setTask")} `, task), el("label", {}, `${t("theLink")} `, link),
    el("div", { class: "line" }, el("button", { type: "button", class: "main", id: "copy-made", onclick: () => copy(link.value) }, t("copyShort")), copied, el("button", { type: "button", class: "end", onclick: () => $("dialog").close() }, t("close"))));
  $("dialog").setAttribute("aria-labelledby", "h-dialog");
  renew();
  $("dialog").showModal();
}
