// What happened to each thumbnail, told to /api/events. At least once: a step stays in the tab's
// outbox until the server has answered 200, and a step told twice is counted once (same token).
"use strict";

const OUTBOX = "coverlift.outbox";
const BATCH = 50; // events in one request: well under the 64 KiB that keepalive requests share
const FLUSH_MS = 2000;
const LONGEST_WAIT_MS = 60000;

const told = new Set(); // token + step, so that a step is put in the outbox once a page
let outbox = read();
let waitMs = FLUSH_MS;
let timer = null;
let sending = false;

function read() {
  try { return JSON.parse(sessionStorage.getItem(OUTBOX)) || []; }
  catch { return []; }
}

function save() {
  try { sessionStorage.setItem(OUTBOX, JSON.stringify(outbox)); }
  catch { /* storage full or forbidden: the outbox lives as long as the page */ }
}

export function tell(token, step, more = {}) {
  const key = `${token} ${step}`;
  if (told.has(key)) return;
  told.add(key);
  outbox.push({ token, step, ...more });
  save();
  schedule();
}

function schedule() {
  if (timer === null && outbox.length) timer = setTimeout(() => { timer = null; flush(); }, waitMs);
}

// Keepalive: the request goes on when the page is hidden or left.
function request(batch) {
  return fetch("/api/events", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ events: batch }),
    credentials: "same-origin",
    keepalive: true,
  });
}

async function flush() {
  if (sending || !outbox.length) return;
  sending = true;
  const batch = outbox.slice(0, BATCH);
  try {
    const answer = await request(batch);
    // A server in trouble (5xx, 429) is asked again; any other answer is final for these events.
    if (answer.status >= 500 || answer.status === 429) throw new Error(`status ${answer.status}`);
    outbox = outbox.slice(batch.length);
    save();
    waitMs = FLUSH_MS;
  } catch {
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  } finally {
    sending = false;
    schedule();
  }
}

// Leaving, after whatever else this page tells then (in the capture phase): no answer can be
// awaited, so the events stay in the outbox and this tab's next page tells them again.
function leave() {
  for (let start = 0; start < outbox.length; start += BATCH) {
    const batch = outbox.slice(start, start + BATCH);
    const body = new Blob([JSON.stringify({ events: batch })], { type: "application/json" });
    if (!navigator.sendBeacon("/api/events", body)) request(batch).catch(() => {});
  }
}

addEventListener("pagehide", leave);
document.addEventListener("visibilitychange", () => { if (document.hidden) flush(); });
schedule();
