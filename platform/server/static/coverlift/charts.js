// Draws the figures that the page carries, and saves each as a picture. Colours of text are plots.css's.
"use strict";

const figureOf = (place) => JSON.parse(document.getElementById(place.dataset.figure).textContent);
const PRINTED = 640; // px: A4 and letter less their margins and a panel's
const SETTLED_MS = 100; // a window is drawn wider step by step
const PAPER = { ground: "#ffffff", text: "#1b1c1e", width: 900, scale: 2 };

// Anew at each width: plotly keeps room for a legend that was higher, or lets it lie over the lines.
function draw(place, width) {
  const figure = figureOf(place);
  place.style.height = `${figure.layout.height}px`;
  figure.layout.font = { family: getComputedStyle(document.body).fontFamily, size: 13 };
  figure.layout.width = width ?? place.clientWidth;
  Plotly.newPlot(place, figure.data, figure.layout, { displayModeBar: false });
}

// By way of a data: address, which the page may show, and not plotly's blob:, which it may not.
async function save(place, button) {
  const figure = figureOf(place);
  const title = document.getElementById(place.getAttribute("aria-labelledby")).textContent;
  const height = figure.layout.height + 60;
  figure.layout = {
    ...figure.layout, height, width: PAPER.width, title: { text: title },
    margin: { ...figure.layout.margin, t: 70 },
    paper_bgcolor: PAPER.ground, plot_bgcolor: PAPER.ground, font: { color: PAPER.text, size: 14 },
  };
  const picture = new Image();
  picture.src = await Plotly.toImage(figure, { format: "svg", width: PAPER.width, height });
  await picture.decode();
  const canvas = document.createElement("canvas");
  canvas.width = PAPER.width * PAPER.scale;
  canvas.height = height * PAPER.scale;
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const link = document.createElement("a");
  link.href = canvas.toDataURL("image/png");
  link.download = button.dataset.name;
  link.click();
}

const places = [...document.querySelectorAll("[data-figure]")];
const drawAll = (width) => places.forEach((place) => draw(place, width));
drawAll();
let drawnAt = innerWidth;
let wait;
addEventListener("resize", () => {
  clearTimeout(wait);
  wait = setTimeout(() => {
    if (innerWidth === drawnAt) return; // a phone's bars come and go: they change the height alone
    drawnAt = innerWidth;
    drawAll();
  }, SETTLED_MS);
});
for (const button of document.querySelectorAll("button[data-picture]")) {
  const place = places.find((each) => each.dataset.figure === button.dataset.picture);
  button.hidden = false;
  button.addEventListener("click", () => save(place, button));
}
// The page is laid out for paper only after this event: what a chart has there is known before.
addEventListener("beforeprint", () => drawAll(PRINTED));
addEventListener("afterprint", () => drawAll());
