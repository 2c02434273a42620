// The feed: its cards, the rows that come as one scrolls, and the button that stops all motion.
// What is told of the pictures is coverlift.js's to tell.
import { Cards } from "./cards.js";
import { loadRowsNearView } from "./rows.js";
import { calm } from "./stills.js";

const PAUSED = "coverlift.paused"; // what the viewer chose, on this device
const root = document.documentElement.dataset;

function remembered() {
  try { return localStorage.getItem(PAUSED) === "1"; } catch { return false; } // storage is blocked
}

function remember(paused) {
  try { localStorage.setItem(PAUSED, paused ? "1" : "0"); } catch { /* storage is blocked */ }
}

const grid = document.querySelector(".grid");
const button = document.querySelector("#motion");

// Whatever plays by itself for over five seconds can be stopped (WCAG 2.2.2).
function pauseAll(paused, cards) {
  if (paused) root.coverliftPaused = ""; // coverlift.js heeds it: nothing is told as animated
  else delete root.coverliftPaused;
  button.textContent = paused ? "Play previews" : "Pause previews";
  cards.choose();
}

function offerToPause() {
  button.hidden = !grid.querySelector(".moves") || calm();
}

if (grid) {
  const cards = new Cards(Number(grid.dataset.previewsAtOnce));
  cards.add(grid.children);
  offerToPause();
  button.addEventListener("click", () => {
    const paused = !("coverliftPaused" in root);
    remember(paused);
    pauseAll(paused, cards);
  });
  pauseAll(remembered(), cards);
  const loadRows = () => loadRowsNearView(grid, document.querySelector(".more"), (rows) => {
    cards.add(rows);
    offerToPause();
  });
  // A page that is only prepared for the viewer asks for nothing more yet.
  if (document.prerendering) document.addEventListener("prerenderingchange", loadRows, { once: true });
  else loadRows();
}
