// Moving pictures stand still for viewers who ask for less motion or less data: their first frame is drawn over them.
"use strict";

const MOST_DENSE = 2; // the widest files have twice the pixels
const stillness = matchMedia("(prefers-reduced-motion: reduce)");

export const calm = () => stillness.matches || Boolean(navigator.connection?.saveData);
export const onCalm = (then) => stillness.addEventListener("change", then);

export function coverWithFirstFrame(image) {
  const canvas = document.createElement("canvas");
  const dense = Math.min(devicePixelRatio, MOST_DENSE); // the natural size is in CSS pixels
  canvas.width = Math.round(image.naturalWidth * dense);
  canvas.height = Math.round(image.naturalHeight * dense);
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height); // the first frame, by the HTML standard
  image.parentElement.querySelector("canvas")?.remove(); // of another source of the same picture
  image.after(canvas);
}
