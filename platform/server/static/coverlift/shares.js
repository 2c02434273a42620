// Shares that always add up to 100: each number gets a slider; moving one shares the rest out
// among the others as they stood. Without this script the numbers are typed, and the site checks.

for (const form of document.querySelectorAll("[data-shares]")) {
  const numbers = [...form.querySelectorAll("[data-share]")];
  const total = form.querySelector("[data-total]");
  const box = (number) => number.closest("[data-arm]")?.querySelector("[name=arm]");
  const shown = () => numbers.filter((number) => !box(number) || box(number).checked);
  const valueOf = (number) => Number(number.value) || 0;

  for (const number of numbers) {
    const slider = document.createElement("input");
    slider.type = "range";
    slider.min = 0;
    slider.max = 100;
    slider.value = number.value;
    slider.setAttribute("aria-label", number.labels[0].textContent);
    slider.addEventListener("input", () => {
      number.value = slider.value;
      shareOut(number);
    });
    number.addEventListener("change", () => {
      number.value = Math.min(100, Math.max(0, valueOf(number))); // or the others fall below 0
      shareOut(number);
    });
    number.after(slider);
    number.slider = slider;
    box(number)?.addEventListener("change", () => {
      number.value = box(number).checked ? Math.round(100 / shown().length) : 0;
      shareOut(number);
    });
  }
  draw();

  function shareOut(moved) {
    const others = shown().filter((number) => number !== moved);
    const rest = 100 - valueOf(moved);
    const before = others.reduce((sum, number) => sum + valueOf(number), 0);
    let left = rest;
    others.forEach((number, place) => {
      const part = before ? valueOf(number) / before : 1 / others.length;
      const share = place === others.length - 1 ? left : Math.round(rest * part);
      number.value = share;
      left -= share;
    });
    draw();
  }

  function draw() {
    for (const number of numbers) number.slider.value = number.value;
    if (total) {
      const sum = shown().reduce((all, number) => all + valueOf(number), 0);
      total.textContent = `Together ${Math.round(sum * 10) / 10} %`;
    }
  }
}
