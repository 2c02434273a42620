// The cards of the feed: which pictures play, and which did not come. Of those that are half in view
// so many play at once as the site wishes, in the order of the page; the one that is pointed at goes
// first. All others stand still, and say so where coverlift.js looks for it.
import { calm, coverWithFirstFrame, onCalm } from "./stills.js";

const SHARE_IN_VIEW = 0.5;
const POINTED_AT_MS = 150; // a pointer on its way elsewhere fetches nothing
const root = document.documentElement.dataset;
const pointers = matchMedia("(hover: hover) and (pointer: fine)");

export class Cards {
  constructor(atOnce) {
    this.atOnce = atOnce;
    this.cards = new Map();
    this.sight = new IntersectionObserver((entries) => {
      for (const { target, intersectionRatio } of entries) {
        this.cards.get(target).seen = intersectionRatio >= SHARE_IN_VIEW;
      }
      this.choose();
    }, { threshold: [0, SHARE_IN_VIEW] });
    document.addEventListener("visibilitychange", () => this.choose());
    onCalm(() => this.choose());
  }

  add(elements) {
    for (const element of elements) {
      const card = new Card(element, () => this.choose());
      this.cards.set(card.cover, card);
      this.sight.observe(card.cover);
    }
    this.choose();
  }

  choose() {
    const still = document.hidden || calm() || "coverliftPaused" in root;
    const ready = still ? [] : [...this.cards.values()].filter((card) => card.isReady());
    ready.sort((one, other) => other.pointed - one.pointed); // stable: else as on the page
    const playing = new Set(ready.slice(0, this.atOnce));
    this.cards.forEach((card) => card.play(playing.has(card)));
  }
}

class Card {
  constructor(element, onChange) {
    Object.assign(this, { element, onChange, seen: false, loaded: false, pointed: false });
    this.cover = element.querySelector(".cover");
    this.image = element.querySelector("img");
    this.moves = element.classList.contains("moves");
    if (this.image.complete) this.onEnd();
    for (const end of ["load", "error"]) this.image.addEventListener(end, () => this.onEnd());
    this.listen(element.querySelector("a"));
  }

  listen(link) {
    link.addEventListener("pointerenter", () => { if (pointers.matches) this.point(); });
    link.addEventListener("pointerleave", () => this.leave());
    link.addEventListener("focus", () => { if (link.matches(":focus-visible")) this.point(); });
    link.addEventListener("blur", () => this.leave());
  }

  point() {
    this.timer ??= setTimeout(() => {
      this.pointed = true;
      this.onChange();
    }, POINTED_AT_MS);
  }

  leave() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.pointed = false;
    this.onChange();
  }

  isReady() {
    return this.seen && this.loaded && (this.moves || (this.pointed && "preview" in this.cover.dataset));
  }

  // Loading has come to an end, good or bad, perhaps before this script ran.
  onEnd() {
    this.loaded = this.image.naturalWidth > 0;
    this.cover.classList.toggle("missing", !this.loaded);
    if (this.loaded && this.moves) coverWithFirstFrame(this.image);
    this.onChange();
  }

  play(plays) {
    this.element.classList.toggle("playing", plays && this.moves);
    this.image.toggleAttribute("data-coverlift-paused", this.moves && !plays);
    if (plays && this.pointed) this.preview();
    else this.endPreview();
  }

  // The same shots at the film's own frame rate, fetched once they are asked for.
  preview() {
    const { preview, previewType } = this.cover.dataset;
    if (!preview || this.shown) return;
    const isFilm = previewType.startsWith("video/");
    this.shown = document.createElement(isFilm ? "video" : "img");
    if (isFilm) Object.assign(this.shown, { muted: true, loop: true, playsInline: true, autoplay: true });
    else this.shown.alt = "";
    this.shown.className = "preview";
    this.shown.src = preview;
    this.cover.append(this.shown);
  }

  endPreview() {
    this.shown?.remove();
    this.shown = undefined;
  }
}
