// Picking shots by hand: a click on a frame puts its time into the marked field and marks the next.
// The frames of the whole video move beside the fields that they are for.
"use strict";

const storyboard = document.querySelector(".storyboard");
const title = document.querySelector(".storyboard-title");
const fields = ".pick input[name=shot]";
let field = document.querySelector(fields);

function mark(next) {
  field = next;
  for (const each of document.querySelectorAll(fields)) each.classList.toggle("next", each === field);
  const times = [...field.form.querySelectorAll("input[name=shot]")].map((each) => Number(each.value));
  for (const frame of storyboard?.querySelectorAll(".frame") ?? []) {
    const isPicked = times.some((time) => Math.abs(time - Number(frame.dataset.start)) < 0.01);
    frame.classList.toggle("picked", isPicked);
  }
}

function bringStoryboard() {
  const choice = field.closest("section").querySelector(".choice");
  if (!storyboard || storyboard.previousElementSibling === choice) return;
  choice.after(storyboard);
  title.hidden = true;
  const picked = storyboard.querySelector(".frame.picked") ?? storyboard.firstElementChild;
  storyboard.scrollTop = picked.offsetTop - storyboard.firstElementChild.offsetTop;
}

document.addEventListener("focusin", (event) => {
  if (!event.target.matches(fields)) return;
  mark(event.target);
  bringStoryboard();
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
