// How much of the video was watched, told once on leaving, for the impression that led here.
import { tell } from "./beacon.js";

const LONGEST_STEP_S = 2; // between two reports of the player; more is a jump, not watching
const token = location.hash.slice(1);
const video = document.querySelector("video");
let watchedS = 0;
let lastS = 0;

if (token && video) {
  video.addEventListener("timeupdate", () => {
    const stepS = video.currentTime - lastS;
    if (stepS > 0 && stepS < LONGEST_STEP_S && !video.seeking) watchedS += stepS;
    lastS = video.currentTime;
  });
  // In the capture phase: before the beacon empties its outbox.
  addEventListener("pagehide", () => {
    if (watchedS > 0) tell(token, "watched", { seconds: Math.round(watchedS * 10) / 10 });
  }, { capture: true });
}
