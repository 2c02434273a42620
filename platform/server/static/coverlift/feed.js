// The cards of the feed: which pictures play, and which did not come. What is told of them is
// coverlift.js's to tell.
import { calm, coverWithFirstFrame } from "./stills.js";

const SHARE_IN_VIEW = 0.5;
const PAUSED = "coverlift.paused"; // what the viewer chose, on this device
const root = document.documentElement.dataset;

function remembered() {
  try { return localStorage.getItem(PAUSED) === "1"; } catch { return false; } // storage is blocked
}

function remember(paused) {
  try { localStorage.setItem(PAUSED, paused ? "1" : "0"); } catch { /* storage is blocked */ }
}

class Card {
  constructor(element) {
    this.element = element;
    this.image = element.querySelector("img");
    this.moves = element.classList.contains("moves");
    this.seen = false;
    this.loaded = false;
    if (this.image.complete) this.onEnd();
    for (const end of ["load", "error"]) this.image.addEventListener(end, () => this.onEnd());
    this.cover = element.querySelector(".cover");
    if (this.cover.dataset.preview) this.previewWhilePointedAt(element.querySelector("a"));
  }

  previewWhilePointedAt(link) {
    for (const begin of ["pointerenter", "focusin"]) link.addEventListener(begin, () => this.preview());
    for (const end of ["pointerleave", "focusout"]) link.addEventListener(end, () => this.endPreview());
  }

  // The same shots at the film's own frame rate.
  preview() {
    if (calm.matches || this.shown) return;
    const { preview, previewType } = this.cover.dataset;
    const isFilm = previewType.startsWith("video/");
    this.shown = document.createElement(isFilm ? "video" : "img");
    if (isFilm) Object.assign(this.shown, { muted: true, loop: true, playsInline: true, autoplay: true });
    this.shown.className = "preview";
    this.shown.src = preview;
    this.cover.append(this.shown);
  }

  endPreview() {
    this.shown?.remove();
    this.shown = null;
  }

  // Loading has come to an end, good or bad, perhaps before this script ran.
  onEnd() {
    this.loaded = this.image.naturalWidth > 0;
    this.image.closest(".cover").classList.toggle("missing", !this.loaded);
    if (this.loaded && this.moves) coverWithFirstFrame(this.image);
    this.update();
  }

  onSight(seen) {
    this.seen = seen;
    this.update();
  }

  update() {
    const watched = this.seen && this.loaded && !document.hidden;
    const plays = watched && this.moves && !calm.matches && !("coverliftPaused" in root);
    this.element.classList.toggle("playing", plays);
  }
}

const cards = new Map();
const sight = new IntersectionObserver(
  (entries) => entries.forEach((entry) => {
    cards.get(entry.target).onSight(entry.intersectionRatio >= SHARE_IN_VIEW);
  }),
  { threshold: [0, SHARE_IN_VIEW] },
);

for (const element of document.querySelectorAll(".card")) {
  const card = new Card(element);
  cards.set(element.querySelector(".cover"), card);
  sight.observe(element.querySelector(".cover"));
}
const updateAll = () => cards.forEach((card) => card.update());
document.addEventListener("visibilitychange", updateAll);
calm.addEventListener("change", updateAll);

// Whatever plays by itself for over five seconds can be stopped (WCAG 2.2.2).
const button = document.querySelector("#motion");

function pauseAll(paused) {
  if (paused) root.coverliftPaused = ""; // coverlift.js heeds it: nothing is told as animated
  else delete root.coverliftPaused;
  button.textContent = paused ? "Play previews" : "Pause previews";
  updateAll();
}

if (button) {
  button.hidden = !document.querySelector(".moves") || calm.matches;
  button.addEventListener("click", () => {
    const paused = !("coverliftPaused" in root);
    remember(paused);
    pauseAll(paused);
  });
  pauseAll(remembered());
}
