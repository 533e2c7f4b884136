// The arithmetic of ARITHMETIC.md: the exponential function, the units, and sums over cases. Every product and every sum
// is rounded once, in the order that is written here. No function of Math that browsers may round differently is used.

const PER_LN2 = 1.4426950408889634; // 0x1.71547652b82fep+0, 1 / ln 2
const SHIFT = 6755399441055744; // 0x1.8p+52: adding and subtracting it rounds to a whole number
const LN2_HIGH = 0.6931471803691238; // 0x1.62e42feep-1; the two add up to ln 2
const LN2_LOW = 1.9082149292705877e-10; // 0x1.a39ef35793c76p-33

/** The powers of two from 2^-1021 to 2^1021, which are all that the exponential function needs. */
const LOWEST_POWER = -1021;
const POWERS = new Float64Array(2 * 1021 + 1);
POWERS[0] = 4.450147717014403e-308; // 2^-1021
for (let k = 1; k < POWERS.length; k++) POWERS[k] = 2 * POWERS[k - 1];

/** The exponential function. Beyond -708 and 708 it is that of these two. */
export function exp(x) {
  if (x < -708) x = -708;
  else if (x > 708) x = 708;
  const n = x * PER_LN2 + SHIFT - SHIFT;
  const r = x - n * LN2_HIGH - n * LN2_LOW;
  let p = 1.6059043836821613e-10; // 1 / 13!, and so on down to 1 / 0!
  p = p * r + 2.08767569878681e-9;
  p = p * r + 2.505210838544172e-8;
  p = p * r + 2.755731922398589e-7;
  p = p * r + 2.7557319223985893e-6;
  p = p * r + 0.0000248015873015873;
  p = p * r + 0.0001984126984126984;
  p = p * r + 0.001388888888888889;
  p = p * r + 0.008333333333333333;
  p = p * r + 0.041666666666666664;
  p = p * r + 0.16666666666666666;
  p = p * r + 0.5;
  p = p * r + 1;
  p = p * r + 1;
  return p * POWERS[n - LOWEST_POWER];
}

function tanh(x) {
  const t = exp(-2 * Math.abs(x)), y = (1 - t) / (1 + t);
  return x < 0 ? -y : y;
}

/** Equation 2, of one total input. */
const ACTIVITY = {
  logistic: (x) => 1 / (1 + exp(-x)),
  tanh,
  relu: (x) => (x > 0 ? x : 0),
  "leaky-relu": (x) => (x > 0 ? x : 0.1 * x),
  elu: (x) => (x > 0 ? x : exp(x) - 1),
};

/** The factor of equation 5, of one activity. */
const SLOPE = {
  logistic: (y) => y * (1 - y),
  tanh: (y) => 1 - y * y,
  relu: (y) => (y > 0 ? 1 : 0),
  "leaky-relu": (y) => (y > 0 ? 1 : 0.1),
  elu: (y) => (y > 0 ? 1 : y + 1),
};

/** The kinds of units that a hidden layer may have. Output units may be softmax units, too. */
export const KINDS = Object.keys(ACTIVITY);

/** The slope of one unit, of its activity. */
export const slopeOf = (kind, y) => SLOPE[kind](y);

/** Equation 2 for a layer: the activities y of the total inputs x. */
export function activate(kind, x, y) {
  if (kind === "logistic") for (let j = 0; j < x.length; j++) y[j] = 1 / (1 + exp(-x[j])); // in line, since it is faster
  else if (kind === "softmax") softmax(x, y);
  else for (let j = 0, activity = ACTIVITY[kind]; j < x.length; j++) y[j] = activity(x[j]);
}

function softmax(x, y) {
  let most = x[0], sum = 0;
  for (let j = 1; j < x.length; j++) if (x[j] > most) most = x[j];
  for (let j = 0; j < x.length; j++) sum += y[j] = exp(x[j] - most);
  for (let j = 0; j < x.length; j++) y[j] = y[j] / sum;
}

/** Equation 5 for a layer: dE/dx of dE/dy and the activities y. */
export function throughUnits(kind, dEdy, y, dEdx) {
  if (kind === "logistic") for (let j = 0; j < y.length; j++) dEdx[j] = dEdy[j] * (y[j] * (1 - y[j]));
  else for (let j = 0, slope = SLOPE[kind]; j < y.length; j++) dEdx[j] = dEdy[j] * slope(y[j]);
}

/** How many partial sums a sum over cases has. Case number c adds to the partial sum c modulo 8. */
export const PARTIAL_SUMS = 8;

/** The sums over cases: `p` holds the eight partial sums of each, one after another, (8, sums). */
export function addPartialSums(p, sums) {
  const n = sums.length;
  for (let k = 0; k < n; k++) {
    const q0 = p[k] + p[4 * n + k], q1 = p[n + k] + p[5 * n + k];
    const q2 = p[2 * n + k] + p[6 * n + k], q3 = p[3 * n + k] + p[7 * n + k];
    sums[k] = q0 + q2 + (q1 + q3);
  }
  return sums;
}
