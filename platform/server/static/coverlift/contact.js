// The side-by-side page: GIFs play, or stand still for readers who ask for less motion.
import { calm, coverWithFirstFrame, onCalm } from "./stills.js";

for (const picture of document.querySelectorAll(".moves")) {
  const image = picture.querySelector("img");
  const cover = () => coverWithFirstFrame(image);
  if (image.complete) cover();
  else image.addEventListener("load", cover, { once: true });
  const follow = () => picture.classList.toggle("playing", !calm());
  onCalm(follow);
  follow();
}
