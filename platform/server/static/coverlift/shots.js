// Picking shots by hand: a click on a frame puts its time into the field that was used last.
"use strict";

let field = document.querySelector(".pick input[name=shot]");

document.addEventListener("focusin", (event) => {
  if (event.target.matches(".pick input[name=shot]")) field = event.target;
});

for (const frame of document.querySelectorAll(".frame")) {
  frame.addEventListener("click", () => {
    if (!field) return;
    field.value = frame.dataset.start;
    field.focus();
  });
}
