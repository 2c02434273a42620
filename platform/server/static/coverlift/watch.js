// How long the video was watched, told once on leaving, for the impression that led here.
import { tell } from "./beacon.js";

const token = location.hash.slice(1);
const video = document.querySelector("video");
let watchedS = 0;
let last = null;

// Time that passed while playing; a jump to another place is not watching.
function follow() {
  const now = performance.now() / 1000;
  if (last !== null && !video.paused && !video.seeking) watchedS += now - last;
  last = video.paused ? null : now;
}

if (token && video) {
  for (const event of ["play", "pause", "timeupdate", "ended"]) video.addEventListener(event, follow);
  addEventListener("pagehide", () => {
    follow();
    if (watchedS > 0) tell(token, "watched", { seconds: Math.round(watchedS * 10) / 10 });
  }, { capture: true });
}
