// The picture of a family that was edited: generations are rows, couples stand side by side, children below their parents.
import { kinOf, standingOf } from "./kin.js";

const NARROW = 6.4, BETWEEN_LINES = 0.02;

/** A picture for each family: places in percent, and lines, as `page_data.py` gives them for the trees of the data. */
export function picturesOf(family) {
  const kin = kinOf(family), { families, generations } = standingOf(kin);
  return [...new Set(families)].map((number) => picture(family, kin, generations, [...families.keys()].filter((k) => families[k] === number)));
}

function picture(family, kin, generations, members) {
  const rows = [];
  for (const k of members) (rows[generations[k] - 1] ??= []).push(k);
  const x = new Map();
  for (let r = 0; r < rows.length; r++) placeRow(kin, rows[r] ?? (rows[r] = []), x, ({ parents }) => parents);
  for (let r = rows.length - 2; r >= 0; r--) placeRow(kin, rows[r], x, ({ children }) => children);
  for (let r = 1; r < rows.length; r++) placeRow(kin, rows[r], x, ({ parents }) => parents);
  const left = Math.min(...x.values()), columns = Math.max(...x.values()) - left + 1, row = (k) => generations[k] - 1;
  const X = (at) => Math.round((100000 * (at - left + 0.5)) / columns) / 1000, Y = (at) => Math.round((100000 * (at + 0.5)) / rows.length) / 1000;
  const lines = [], line = (x1, y1, x2, y2) => lines.push([X(x1), Y(y1), X(x2), Y(y2), false]), inside = new Set(members);
  for (const [one, other] of family.marriages)
    if (inside.has(one)) for (const off of [-BETWEEN_LINES, BETWEEN_LINES]) line(x.get(one), row(one) + off, x.get(other), row(other) + off);
  const sets = new Map();
  for (const [child, ...parents] of family.births) if (inside.has(child)) sets.set(parents.join(), [...(sets.get(parents.join()) ?? []), [child, parents]]);
  for (const several of sets.values()) {
    const [[, parents]] = several, middle = mean(parents.map((k) => x.get(k))), low = Math.max(...parents.map(row)), bar = Math.min(...several.map(([child]) => row(child))) - 0.45;
    line(middle, low, middle, bar);
    const reach = [middle, ...several.map(([child]) => x.get(child))];
    line(Math.min(...reach), bar, Math.max(...reach), bar);
    for (const [child] of several) line(x.get(child), bar, x.get(child), row(child));
  }
  const narrow = columns <= NARROW;
  return { name: "", places: members.map((k) => [k, X(x.get(k)), Y(row(k))]), lines, ...(narrow ? { rows: rows.length, columns } : { size: [columns, rows.length] }) };
}

const mean = (numbers) => numbers.reduce((a, b) => a + b, 0) / numbers.length;

/** Place a row: groups of people who are married to each other, each as near to its parents (or children) as there is room. */
function placeRow(kin, row, x, linked) {
  const groups = [], grouped = new Set();
  for (const k of row) {
    if (grouped.has(k)) continue;
    const group = [k];
    grouped.add(k);
    for (let n = 0; n < group.length; n++)
      for (const spouse of kin[group[n]].spouses) if (row.includes(spouse) && !grouped.has(spouse)) { grouped.add(spouse); group.push(spouse); }
    groups.push(group);
  }
  const wish = (k) => { const known = linked(kin[k]).map((each) => x.get(each)).filter((v) => v !== undefined); return known.length ? mean(known) : null; };
  const placed = groups.map((group, n) => {
    const known = group.map(wish).filter((v) => v !== null), before = group.map((k) => x.get(k)).filter((v) => v !== undefined);
    const own = known.length ? mean(known) : before.length ? mean(before) : n * 2;
    const order = [...group].sort((a, b) => (wish(a) ?? own) - (wish(b) ?? own));
    return { order, own };
  }).sort((a, b) => a.own - b.own);
  let next = -Infinity;
  for (const { order, own } of placed) {
    const start = Math.max(next, own - (order.length - 1) / 2);
    order.forEach((k, n) => x.set(k, start + n));
    next = start + order.length;
  }
  const shift = placed.length ? mean(placed.map(({ order, own }) => own - mean(order.map((k) => x.get(k))))) : 0;
  for (const k of row) x.set(k, x.get(k) + shift);
}
