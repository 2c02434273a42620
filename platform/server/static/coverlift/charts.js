// Draws the figures that the page carries, in the colours of the reader's scheme.
"use strict";

const dark = matchMedia("(prefers-color-scheme: dark)");
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function colours() {
  const text = colour("--text");
  return {
    "font.color": text,
    "hoverlabel.bgcolor": colour("--surface"),
    "hoverlabel.bordercolor": colour("--line"),
    "hoverlabel.font.color": text,
  };
}

for (const place of document.querySelectorAll("[data-figure]")) {
  const figure = JSON.parse(document.getElementById(place.dataset.figure).textContent);
  place.style.height = `${figure.layout.height}px`;
  figure.layout.font = { family: getComputedStyle(document.body).fontFamily, size: 13 };
  Plotly.newPlot(place, figure.data, figure.layout, { responsive: true, displayModeBar: false })
    .then(() => Plotly.relayout(place, colours()));
  dark.addEventListener("change", () => Plotly.relayout(place, colours()));
}
addEventListener("beforeprint", () => {
  for (const place of document.querySelectorAll("[data-figure]")) Plotly.Plots.resize(place);
});
