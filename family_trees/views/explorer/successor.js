// The successor of the network, matrix relational embedding, in the arithmetic of ARITHMETIC.md ("Vectors and matrices"):
// people and relations are square matrices, and to ask is to multiply. The equations are those of engine/embedding.py.
import { PARTIAL_SUMS, activate, addPartialSums, exp } from "./arithmetic.js";
import { makeNetwork } from "./network.js";
import { rightFor } from "./judging.js";

/** The power of a share of probability: a person counts as an answer above a quarter of that of the likeliest one. */
const POWER = 0.5;

/** The learner as data, with what a trainer and a judge ask of a network. Its two connections hold the matrices of all
 *  people, and then those of all relations, row by row. */
export function makeMatrices(people, relations, rows) {
  const numbers = rows * rows, inputs = [{ name: "person", place: 0 }, { name: "relation", place: 1 }];
  const connections = [["person", people], ["relation", relations]].map(([below, units], k) => ({ key: String(k), below,
    above: `${below} code`, offset: k ? people * numbers : 0, size: units * numbers }));
  const net = { people, relations, rows, numbers, inputs, connections, computed: [], size: (people + relations) * numbers,
    layer: { person: inputs[0], relation: inputs[1] } };
  net.passes = { makeState: () => makeMatrixState(net), makePartialSums: () => makeMatrixSums(net), sumGradient: sumMatrixGradient, judge: judgeMatrices };
  return net;
}

/** The network of an order or a setting: matrices where it has their `rows`, else one of layers. */
export const networkOf = ({ rows, layers, people, relations }) => (rows ? makeMatrices(people, relations, rows) : makeNetwork(layers));

/** What the passes know of one case: Z of equation 1, x of 2, P of 3, and the derivatives of equations 5 and 6. */
function makeMatrixState({ people, numbers }) {
  const of = (size) => new Float64Array(size);
  return { z: of(numbers), x: of(people), p: of(people), y: of(people), d: of(people), dEdx: of(people), dEdz: of(numbers), twice: of(people * numbers), lengths: of(people) };
}

/** Eight partial sums of each sum over cases: equations 9 and 8 by connection, and both sums of equation 7. */
const makeMatrixSums = ({ connections, people, numbers }) =>
  [...connections.map(({ size }) => size), people * numbers, people].map((size) => new Float64Array(PARTIAL_SUMS * size));

/** What is the same for all cases: 2 V_j, and |V_j|^2. */
function setPeople({ people, numbers }, [v], { twice, lengths }) {
  for (let k = 0; k < twice.length; k++) twice[k] = 2 * v[k];
  for (let j = 0, k = 0; j < people; j++) {
    let n = 0;
    for (let f = 0; f < numbers; f++, k++) n += v[k] * v[k];
    lengths[j] = n;
  }
}

/** Equations 1 and 2 for a question, after `setPeople`. */
function askMatrices({ people, rows, numbers }, [v, r], { z, x, twice, lengths }, person, relation) {
  const a = person * numbers, own = relation * numbers;
  for (let k = 0, f = 0; k < rows; k++)
    for (let l = 0; l < rows; l++, f++) {
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += r[own + k * rows + i] * v[a + i * rows + l];
      z[f] = sum;
    }
  for (let j = 0, k = 0; j < people; j++) {
    let sum = -lengths[j];
    for (let f = 0; f < numbers; f++, k++) sum += z[f] * twice[k];
    x[j] = sum;
  }
}

/** How near each person is to an answer, from 0 to 1: the square root of P_j / max P. */
function nearness(x, y) {
  let most = x[0];
  for (let j = 1; j < x.length; j++) if (x[j] > most) most = x[j];
  for (let j = 0; j < x.length; j++) y[j] = exp(POWER * (x[j] - most));
}

const askedIn = ({ inputs }) => [inputs[0].places[0], inputs[1].places[0]];
function setDesired(d, { places, values }) {
  d.fill(0);
  for (let k = 0; k < places.length; k++) d[places[k]] = values[k];
}

/** Equations 5 to 9 summed over cases of `makeCase`, by connection. Held-out cases have a number, and no term. */
function sumMatrixGradient(net, weights, recipe, cases, state, partial, sums) {
  const { people, numbers } = net, [v] = weights, [asked, , of7, lengthOf7] = partial, { z, p, x, d, dEdx, dEdz, twice } = state;
  for (const each of partial) each.fill(0);
  setPeople(net, weights, state);
  for (let c = 0; c < cases.length; c++) {
    if (cases[c].heldOut) continue;
    const [person, relation] = askedIn(cases[c]), part = c % PARTIAL_SUMS, start = part * people * numbers;
    askMatrices(net, weights, state, person, relation);
    activate("softmax", x, p);
    setDesired(d, cases[c].desired);
    dEdz.fill(0);
    for (let j = 0; j < people; j++) {
      const own = (dEdx[j] = p[j] - d[j]), row = j * numbers;
      for (let f = 0; f < numbers; f++) dEdz[f] += own * twice[row + f];
      for (let f = 0; f < numbers; f++) of7[start + row + f] += own * z[f];
      lengthOf7[part * people + j] += own;
    }
    addOfQuestion(net, weights, dEdz, partial, part, person, relation);
  }
  addPartialSums(partial[1], sums[1]);
  const questions = addPartialSums(asked, new Float64Array(people * numbers)), lengths = addPartialSums(lengthOf7, new Float64Array(people));
  addPartialSums(of7, sums[0]);
  for (let j = 0, k = 0; j < people; j++) for (let f = 0; f < numbers; f++, k++) sums[0][k] = 2 * (sums[0][k] - v[k] * lengths[j]) + questions[k];
}

/** The terms of a case in equations 8 and 9. */
function addOfQuestion({ people, relations, rows, numbers }, [v, r], dEdz, [ofPerson, ofRelation], part, person, relation) {
  const a = person * numbers, own = relation * numbers, toPerson = part * people * numbers + a, toRelation = part * relations * numbers + own;
  for (let k = 0, f = 0; k < rows; k++)
    for (let i = 0; i < rows; i++, f++) {
      let of8 = 0, of9 = 0; // of R_ki, and of A_ki
      for (let l = 0; l < rows; l++) {
        of8 += dEdz[k * rows + l] * v[a + i * rows + l];
        of9 += r[own + l * rows + k] * dEdz[l * rows + i];
      }
      ofRelation[toRelation + f] += of8;
      ofPerson[toPerson + f] += of9;
    }
}

/** E of equation 4 over the training cases, and of every case whether it is right (1) or not (0). */
function judgeMatrices(net, weights, recipe, cases, state) {
  const partial = new Float64Array(PARTIAL_SUMS), right = new Uint8Array(cases.length), { x, p, y, d } = state;
  setPeople(net, weights, state);
  for (let c = 0; c < cases.length; c++) {
    const { desired: { places, values }, heldOut } = cases[c];
    askMatrices(net, weights, state, ...askedIn(cases[c]));
    nearness(x, y);
    setDesired(d, cases[c].desired);
    right[c] = rightFor(y, d);
    if (heldOut) continue;
    activate("softmax", x, p);
    for (let k = 0; k < places.length; k++) partial[c % PARTIAL_SUMS] -= values[k] * Math.log(Math.max(p[places[k]], 2.2250738585072014e-308));
  }
  return { error: addPartialSums(partial, [0])[0], right };
}

/** One question: the matrices R and A, their product Z, and how near to an answer each person is. */
export function answerOfMatrices(net, weights, person, relation) {
  const state = makeMatrixState(net), cut = (w, k) => w.slice(k * net.numbers, (k + 1) * net.numbers);
  setPeople(net, weights, state);
  askMatrices(net, weights, state, person, relation);
  nearness(state.x, state.y);
  return { relation: cut(weights[1], relation), person: cut(weights[0], person), product: state.z, near: state.y, matrixOf: (k) => cut(weights[0], k) };
}
