// The cards of the feed: what plays, and which steps of the funnel each thumbnail has reached.
import { tell } from "./beacon.js";
import { calm, coverWithFirstFrame } from "./stills.js";

const VIEWABLE_SHARE = 0.5; // Media Rating Council: half of the pixels ...
const VIEWABLE_MS = 1000;   // ... for one second (a picture)
const ANIMATED_MS = 2000;   // ... for two seconds (moving pictures)

class Card {
  constructor(element) {
    this.element = element;
    this.link = element.querySelector("a");
    this.image = element.querySelector("img");
    this.token = this.link.dataset.token; // none: shown, but no part of the experiment
    this.moves = element.classList.contains("moves");
    this.seen = false;
    this.loaded = false;
    this.timers = [];
    if (this.image.complete) this.onEnd();
    else for (const end of ["load", "error"]) this.image.addEventListener(end, () => this.onEnd());
    this.link.addEventListener("click", () => this.onClick());
    this.link.addEventListener("auxclick", (event) => { if (event.button === 1) this.onClick(); });
    this.tell("served");
  }

  // Whoever clicks has seen it, however quick: a click without a view would be no rate.
  onClick() {
    this.tell("viewable");
    this.tell("click");
  }

  // Loading has come to an end, good or bad, perhaps before this script ran.
  onEnd() {
    this.loaded = this.image.naturalWidth > 0;
    this.image.closest(".cover").classList.toggle("missing", !this.loaded);
    if (!this.loaded) return;
    this.tell("loaded");
    if (this.moves) coverWithFirstFrame(this.image);
    this.update();
  }

  onSight(seen) {
    this.seen = seen;
    this.update();
  }

  // Clocks run only while the picture is there, half in view, and the tab is in front.
  update() {
    const watched = this.seen && this.loaded && !document.hidden;
    const plays = watched && this.moves && !calm.matches;
    this.element.classList.toggle("playing", plays);
    if (watched && !this.timers.length) {
      this.after(VIEWABLE_MS, "viewable");
      if (plays) this.after(ANIMATED_MS, "animated");
    } else if (!watched) {
      this.timers.forEach(clearTimeout);
      this.timers = [];
    }
  }

  tell(step) {
    if (this.token) tell(this.token, step);
  }

  after(milliseconds, step) {
    this.timers.push(setTimeout(() => this.tell(step), milliseconds));
  }
}

const cards = new Map();
const sight = new IntersectionObserver(
  (entries) => entries.forEach((entry) => {
    cards.get(entry.target).onSight(entry.intersectionRatio >= VIEWABLE_SHARE);
  }),
  { threshold: [0, VIEWABLE_SHARE] },
);

for (const element of document.querySelectorAll(".card")) {
  const card = new Card(element);
  cards.set(element.querySelector(".cover"), card);
  sight.observe(element.querySelector(".cover"));
}
const updateAll = () => cards.forEach((card) => card.update());
document.addEventListener("visibilitychange", updateAll);
calm.addEventListener("change", updateAll);
