// Building blocks of the document. What is shown is changed only where it differs.

export const $ = (id) => document.getElementById(id);

export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(key, value === true ? "" : value);
  node.append(...children);
  return node;
}

export function svg(name, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

export function setText(node, text) { if (node.textContent !== text) node.textContent = text; }

/** Set attributes that differ; null takes one away. */
export function setAttributes(node, attributes) {
  for (const [key, value] of Object.entries(attributes))
    if (value === null || value === false) node.removeAttribute(key);
    else if (node.getAttribute(key) !== String(value)) node.setAttribute(key, value);
}

/** Replace what is in `node` and keep the keyboard where it was. */
export function refill(node, ...children) {
  const key = node.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  node.replaceChildren(...children);
  if (key) node.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
}

/** Run `draw` only when `key` differs from the last time. */
export function whenChanged(holder, key, draw) {
  const text = typeof key === "string" ? key : JSON.stringify(key);
  if (holder.key === text) return;
  holder.key = text;
  draw();
}

/** Arrow keys move between the buttons of a group as they lie on the screen; Tab enters and leaves it. */
export function roving(group, first = null) {
  const items = [...group.querySelectorAll("[data-key]:not([hidden])")];
  const set = (item) => { for (const each of items) each.setAttribute("tabindex", each === item ? "0" : "-1"); };
  set(items.find((each) => each === document.activeElement) ?? items.find((each) => each.getAttribute("aria-pressed") === "true") ?? first ?? items[0]);
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

/** Who is told when a part of the page has another width. */
export const onResize = { tell: () => {} };
const widths = new WeakMap();

/** The width of a node inside, without asking the browser to lay out the page anew each time. */
export function widthOf(node) {
  if (!widths.has(node)) {
    widths.set(node, node.clientWidth);
    new ResizeObserver(() => {
      if (widths.get(node) === node.clientWidth) return;
      widths.set(node, node.clientWidth);
      onResize.tell();
    }).observe(node);
  }
  return widths.get(node);
}

/** A canvas as sharp as the screen: its context, and its size in pixels of the page. */
export function sharp(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1, wide = Math.round(width * ratio), high = Math.round(height * ratio);
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/** The colours of the page as they are now, by name. They are read again when the scheme changes. */
let colours = null;
export function colour(name) {
  if (!colours) {
    const style = getComputedStyle(document.documentElement);
    const names = ["back", "ink", "muted", "line", "panel", "accent", "path", "good", "bad", "missed", "c0", "c1", "c2", "c3"];
    colours = Object.fromEntries(names.map((each) => [each, style.getPropertyValue(`--${each}`).trim()]));
  }
  return colours[name];
}
export const forgetColours = () => { colours = null; };

/** Hinton's square: its area is the size of the number, white is above 0 and black below. */
export function fillSquare(context, x, y, cell, value, largest) {
  const side = 0.94 * cell * Math.sqrt(Math.min(1, Math.abs(value) / largest));
  context.fillStyle = value > 0 ? "#fff" : "#000";
  context.fillRect(x - side / 2, y - side / 2, side, side);
}
