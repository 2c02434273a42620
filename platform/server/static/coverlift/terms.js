// Meanings of words are shown by the sheet; Escape puts one away, wherever the pointer is.
const terms = document.querySelectorAll(".term");
const away = (term, is) => term.classList.toggle("away", is);

addEventListener("keydown", (event) => {
  if (event.key === "Escape") terms.forEach((term) => away(term, true));
});
for (const term of terms) {
  for (const name of ["mouseenter", "focus"]) term.addEventListener(name, () => away(term, false));
}
