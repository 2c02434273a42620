// Moving pictures stand still for viewers who ask for less motion or less data: their first frame is drawn over them.
"use strict";

const stillness = matchMedia("(prefers-reduced-motion: reduce)");

export const calm = () => stillness.matches || Boolean(navigator.connection?.saveData);
export const onCalm = (then) => stillness.addEventListener("change", then);

export function coverWithFirstFrame(image) {
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  canvas.getContext("2d").drawImage(image, 0, 0); // the first frame, by the HTML standard
  image.parentElement.querySelector("canvas")?.remove(); // of another source of the same picture
  image.after(canvas);
}
