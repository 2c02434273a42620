// Assignment in the browser: version 1 of docs/assignment.md, the same arms as the server's.
//
//   import { assign } from "/static/coverlift/assignment.js";
//   assign(plan, 123n, 45n)  // -> {arm: 1, propensity: 0.333…, outcome: "in"}
//
// A plan is {salt, unit, allocation: {uppers, arms}, ramp, holdback, layer, layer_from, layer_to};
// viewer and video are BigInts in [0, 2^63).

const GRID = 4294967296; // 2^32
const MASK = (1n << 64n) - 1n;

/** Return {arm, propensity, outcome}; arm is null where the unit is not in the experiment. */
export function assign(plan, viewer, video) {
  const out = (outcome) => ({ arm: null, propensity: NaN, outcome });
  if (plan.layer) {
    const point = pointOf(`layer/viewer/${plan.layer}`, viewer, 0n);
    if (point < threshold(plan.layer_from) || point >= threshold(plan.layer_to)) return out("layer");
  }
  const unitViewer = plan.unit === "video" ? 0n : viewer;
  const unitVideo = plan.unit === "viewer" ? 0n : video;
  const ask = (question) => pointOf(`${question}/${plan.unit}/${plan.salt}`, unitViewer, unitVideo);
  if (plan.holdback > 0 && ask("in") < threshold(plan.holdback)) return out("holdback");
  if (plan.ramp < 1 && ask("ramp") >= threshold(plan.ramp)) return out("ramp");
  const { uppers, arms } = plan.allocation;
  const point = ask("arm");
  const arm = arms[uppers.findIndex((upper) => point < upper)];
  return { arm, propensity: share(plan.allocation, arm), outcome: "in" };
}

/** Return the unit's place on the grid, a whole number in [0, 2^32). */
function pointOf(label, viewer, video) {
  const [first, second] = keys(`coverlift/1/${label}`);
  return Number(mix((((mix(viewer ^ first) + video) & MASK) ^ second)) >> 32n);
}

/** SplitMix64's finaliser. */
function mix(z) {
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
  return z ^ (z >> 31n);
}

function threshold(part) {
  return Math.floor(part * GRID + 0.5);
}

function share({ uppers, arms }, arm) {
  const sizes = uppers.map((upper, i) => (arms[i] === arm ? upper - (i ? uppers[i - 1] : 0) : 0));
  return sizes.reduce((sum, size) => sum + size, 0) / GRID;
}

const keyCache = new Map();

/** Return the two 64-bit keys of a label: the first 16 bytes of its SHA-256. */
function keys(label) {
  if (!keyCache.has(label)) {
    const [a, b, c, d] = sha256(new TextEncoder().encode(label));
    const join = (high, low) => (BigInt(high) << 32n) | BigInt(low);
    keyCache.set(label, [join(a, b), join(c, d)]);
  }
  return keyCache.get(label);
}

// SHA-256 (FIPS 180-4): the browser's own is asynchronous, and absent from plain http pages.

/** The first 32 bits of the fractions of the k-th roots of the first primes. */
function fractions(count, root) {
  const found = [];
  for (let n = 2; found.length < count; n++) {
    let prime = true;
    for (let d = 2; d * d <= n && prime; d++) prime = n % d !== 0;
    if (prime) found.push(bitsOfRoot(BigInt(n), root));
  }
  return found;
}

/** floor(n^(1/root) * 2^32) mod 2^32, exactly, by bisection. */
function bitsOfRoot(n, root) {
  const power = BigInt(root);
  const scaled = n << (32n * power);
  let low = 0n;
  let high = 1n << 48n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** power <= scaled) low = middle;
    else high = middle;
  }
  return Number(low & 0xffffffffn);
}

const ROUND_CONSTANTS = fractions(64, 3);
const FIRST_STATE = fractions(8, 2);

/** Return the eight 32-bit words of the digest. */
function sha256(bytes) {
  const length = Math.ceil((bytes.length + 9) / 64) * 64;
  const padded = new Uint8Array(length);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  new DataView(padded.buffer).setBigUint64(length - 8, BigInt(bytes.length) * 8n);
  let state = FIRST_STATE.slice();
  for (let start = 0; start < length; start += 64) {
    state = compress(state, new DataView(padded.buffer, start, 64));
  }
  return state;
}

function compress(state, block) {
  const rotate = (x, n) => (x >>> n) | (x << (32 - n));
  const w = Array.from({ length: 16 }, (_, i) => block.getUint32(4 * i));
  for (let i = 16; i < 64; i++) {
    const s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ (w[i - 15] >>> 3);
    const s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ (w[i - 2] >>> 10);
    w[i] = (w[i - 16] + s0 + w[i - 7] + s1) >>> 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUND_CONSTANTS[i] + w[i]) >>> 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) >>> 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) >>> 0, c, b, a, (t1 + t2) >>> 0];
  }
  return [a, b, c, d, e, f, g, h].map((word, i) => (word + state[i]) >>> 0);
}
