// Moving pictures stand still for readers who ask for less motion: their first frame is drawn over them.
"use strict";

export const calm = matchMedia("(prefers-reduced-motion: reduce)");

export function coverWithFirstFrame(image) {
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  canvas.getContext("2d").drawImage(image, 0, 0); // the first frame, by the HTML standard
  image.parentElement.querySelector("canvas")?.remove(); // of another source of the same picture
  image.after(canvas);
}
