// Picking shots by hand: a click on a frame puts its time into the marked field and marks the next.
// The frames of the whole video move beside the fields that they are for.
"use strict";

const strip = document.querySelector(".strip-of-frames");
const title = document.querySelector(".strip-title");
const fields = ".pick input[name=shot]";
let field = document.querySelector(fields);

function mark(next) {
  field = next;
  for (const each of document.querySelectorAll(fields)) each.classList.toggle("next", each === field);
  const times = [...field.form.querySelectorAll("input[name=shot]")].map((each) => Number(each.value));
  for (const frame of strip?.querySelectorAll(".frame") ?? []) {
    const isPicked = times.some((time) => Math.abs(time - Number(frame.dataset.start)) < 0.01);
    frame.classList.toggle("picked", isPicked);
  }
}

function bringStrip() {
  const choice = field.closest("section").querySelector(".choice");
  if (!strip || strip.previousElementSibling === choice) return;
  choice.after(strip);
  title.hidden = true;
  const picked = strip.querySelector(".frame.picked") ?? strip.firstElementChild;
  strip.scrollTop = picked.offsetTop - strip.firstElementChild.offsetTop;
}

document.addEventListener("focusin", (event) => {
  if (!event.target.matches(fields)) return;
  mark(event.target);
  bringStrip();
});

document.addEventListener("input", (event) => {
  if (event.target.matches(fields)) mark(event.target);
});

document.addEventListener("click", (event) => {
  const frame = event.target.closest(".frame");
  if (!frame || !field) return;
  field.value = Number(frame.dataset.start).toFixed(2);
  const all = [...field.form.querySelectorAll("input[name=shot]")];
  mark(all[(all.indexOf(field) + 1) % all.length]);
});

if (field) mark(field);
