// Sends files in pieces, by the tus protocol: each goes on where it stood when a connection was lost.
"use strict";

const PIECE_BYTES = 8 * 1024 * 1024;
const LANES = 2;
const LONGEST_WAIT_S = 30;
const TUS = "1.0.0";

const form = document.getElementById("bring");
const list = document.getElementById("sending");
const leftOut = document.getElementById("left-out");
const suffixes = new Set(form.dataset.suffixes.split(","));
const waiting = [];
let lanes = 0;

class Refused extends Error {}   // for good: the text says why
class LoggedOut extends Error {} // until somebody logs in
class Lost extends Error {}      // for a while

// The token changes with each login, so it is read each time.
const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]*)/)?.[1]
  ?? form.elements.csrfmiddlewaretoken.value;
const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

function ask(method, url, headers, body = null, onProgress = () => {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    const all = { "Tus-Resumable": TUS, "X-CSRFToken": token(), ...headers };
    for (const [name, value] of Object.entries(all)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onerror = request.ontimeout = () => reject(new Lost());
    request.onload = () => {
      const { status } = request;
      if (status === 403) reject(new LoggedOut());
      else if (status === 409 || status === 429 || status >= 500 || status === 0) reject(new Lost());
      else if (status >= 400) reject(new Refused(request.responseText));
      else resolve(request);
    };
    request.send(body);
  });
}

class Sending {
  constructor(file) {
    this.file = file;
    this.element = document.createElement("li");
    const name = document.createElement("span");
    name.textContent = file.name;
    this.bar = document.createElement("progress");
    this.bar.max = Math.max(file.size, 1);
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", file.name);
    this.said = document.createElement("span");
    this.said.className = "quiet small";
    this.say("waits");
    this.element.append(name, this.bar, this.said);
    list.append(this.element);
  }

  say(text) { this.said.textContent = text; }

  show(bytes) {
    this.bar.value = bytes;
    this.say(`${Math.floor((100 * bytes) / this.bar.max)} %`);
  }

  async run() {
    let waits = 0;
    for (;;) {
      try {
        await this.send();
        this.element.remove();
        return;
      } catch (error) {
        if (error instanceof Refused) { this.refuse(error.message); return; }
        if (!(error instanceof Lost || error instanceof LoggedOut)) throw error;
        this.say(error instanceof LoggedOut
          ? "Your session has ended: log in in another tab, and it goes on."
          : "The connection is lost: it goes on by itself.");
        waits = this.moved ? 0 : waits + 1;
        await pause(Math.min(2 ** waits, LONGEST_WAIT_S));
      }
    }
  }

  async send() {
    this.moved = false;
    const { file } = this;
    const told = `filename ${base64(file.name)},changed ${base64(String(file.lastModified))}`;
    const begun = await ask("POST", form.dataset.pieces,
      { "Upload-Length": String(file.size), "Upload-Metadata": told });
    const url = begun.getResponseHeader("Location");
    this.isKnown = true;
    let offset = Number(begun.getResponseHeader("Upload-Offset"));
    while (offset < file.size) {
      this.show(offset);
      const piece = file.slice(offset, offset + PIECE_BYTES);
      const headers = { "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" };
      const taken = await ask("PATCH", url, headers, piece, (bytes) => this.show(offset + bytes));
      offset = Number(taken.getResponseHeader("Upload-Offset"));
      this.moved = true;
    }
  }

  refuse(reason) {
    if (this.isKnown) { this.element.remove(); return; } // it is listed among those brought
    this.bar.remove();
    this.element.firstChild.remove();
    this.said.className = "";
    this.said.setAttribute("role", "alert");
    this.say(`${reason}.`);
    const badge = document.createElement("span");
    badge.className = "badge bad";
    badge.textContent = "refused";
    this.element.prepend(badge);
  }
}

// Ends early when the browser says that it is online again.
function pause(seconds) {
  return new Promise((resolve) => {
    const end = () => { clearTimeout(timer); removeEventListener("online", end); resolve(); };
    const timer = setTimeout(end, seconds * 1000);
    addEventListener("online", end);
  });
}

async function work() {
  lanes += 1;
  while (waiting.length) {
    await waiting.shift().run();
    document.body.dispatchEvent(new Event("arrived"));
  }
  lanes -= 1;
}

function take(files) {
  const others = files.filter((file) => !suffixes.has(suffix(file.name)));
  const hidden = others.filter((file) => file.name.startsWith("."));
  const named = others.filter((file) => !file.name.startsWith(".")).map((file) => file.name);
  leftOut.textContent = named.length
    ? `Left out, as their names are no videos': ${named.slice(0, 10).join(", ")}${named.length > 10 ? ` and ${named.length - 10} more` : ""}.`
    : "";
  waiting.push(...files.filter((file) => !others.includes(file) && !hidden.includes(file)).map((file) => new Sending(file)));
  while (lanes < LANES && waiting.length) work();
}

const suffix = (name) => (name.match(/\.[^.]+$/)?.[0] ?? "").toLowerCase();

// Folders that are dropped come as entries, and a reader gives at most a hundred at a time.
async function filesOf(entry) {
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) break;
    for (const each of some) found.push(...await filesOf(each));
  }
  return found;
}

form.classList.add("scripted");
for (const each of document.querySelectorAll(".script-only")) each.hidden = false;
for (const each of document.querySelectorAll(".no-script")) each.hidden = true;
for (const input of form.querySelectorAll("input[type=file]")) {
  input.addEventListener("change", () => { take([...input.files]); input.value = ""; });
}
form.addEventListener("dragover", (event) => { event.preventDefault(); form.classList.add("over"); });
form.addEventListener("dragleave", () => form.classList.remove("over"));
form.addEventListener("drop", async (event) => {
  event.preventDefault();
  form.classList.remove("over");
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
  take((await Promise.all(entries.map(filesOf))).flat());
});
addEventListener("beforeunload", (event) => { if (lanes) event.preventDefault(); });
