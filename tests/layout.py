"""Rules of layout, looked for in a page as a browser has laid it out: each names what breaks it."""

from playwright.sync_api import Page

# Four corners of a text of a chart, less a hair's breadth; a tick's label may stand aslant.
CHART_FLAWS = """() => {
  const HAIR = 1;
  const corners = (text) => {
    const { x, y, width, height } = text.getBBox();
    const [w, h] = [Math.max(width - 2 * HAIR, 0), Math.max(height - 2 * HAIR, 0)];
    const matrix = text.getScreenCTM();
    return [[0, 0], [w, 0], [w, h], [0, h]].map(
      ([right, down]) => new DOMPoint(x + HAIR + right, y + HAIR + down).matrixTransform(matrix));
  };
  const reach = (points, axis) => {
    const places = points.map((point) => point.x * axis.x + point.y * axis.y);
    return [Math.min(...places), Math.max(...places)];
  };
  const meet = (one, other) => [one, other].every((points) => [0, 1].every((side) => {
    const [from, to] = [points[side], points[side + 1]];
    const axis = { x: from.y - to.y, y: to.x - from.x };
    const [[a, b], [c, d]] = [reach(one, axis), reach(other, axis)];
    return a < d && c < b;
  }));
  return [...document.querySelectorAll(".js-plotly-plot")].flatMap((plot) => {
    const { left, right, top, bottom } = plot.getBoundingClientRect();
    const texts = [...plot.querySelectorAll("text")]
      .filter((text) => text.textContent && text.getBoundingClientRect().width)
      .map((text) => ({ said: text.textContent, points: corners(text) }));
    const lines = [...plot.querySelectorAll(".nsewdrag")].map((each) => {
      const box = each.getBoundingClientRect();
      return [[box.left, box.top], [box.right, box.top], [box.right, box.bottom],
        [box.left, box.bottom]].map(([x, y]) => ({ x, y }));
    });
    const legend = [...plot.querySelectorAll(".legend text")]
      .filter((text) => lines.some((area) => meet(corners(text), area)))
      .map((text) => `${text.textContent} of the legend lies over the lines`);
    const { xaxis } = JSON.parse(document.getElementById(plot.dataset.figure).textContent).layout;
    const labels = [...plot.querySelectorAll(".xtick text")].map((text) => text.textContent);
    const missing = (xaxis.ticktext ?? [])
      .map((said) => said.replace("<br>", ""))
      .filter((said) => !labels.includes(said))
      .map((said) => `${said} is missing`);
    const cut = texts
      .filter(({ points }) => points.some(
        ({ x, y }) => x < left - HAIR || x > right + HAIR || y < top - HAIR || y > bottom + HAIR))
      .map(({ said }) => `${said} is cut off`);
    const clashes = texts.flatMap(({ said, points }, at) => texts.slice(at + 1)
      .filter((other) => meet(points, other.points))
      .map((other) => `${said} lies over ${other.said}`));
    const name = plot.dataset.figure;
    return [...legend, ...missing, ...cut, ...clashes].map((flaw) => `${name}: ${flaw}`);
  });
}"""
# Tables that a reader must scroll sideways, and those that leave their panel and cannot be.
WIDE_TABLES = """() => [...document.querySelectorAll("table")]
  .filter((table) => table.checkVisibility())
  .flatMap((table) => {
    const scroller = table.closest(".scroll[tabindex='0'][role=group][aria-label]");
    const frame = scroller ?? table.closest(".panel") ?? document.querySelector("main");
    const over = table.getBoundingClientRect().right - frame.getBoundingClientRect().right;
    const said = scroller?.ariaLabel ?? table.caption?.textContent ?? table.className;
    return over > 1 ? [{ said, scrolls: Boolean(scroller), over: Math.round(over) }] : [];
  })"""
# A link among the words of a line may be as high as they are; a label is its control, too.
SMALL_CONTROLS = """() => {
  const controls = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const isInLine = (each) => each.matches("a") && getComputedStyle(each).display === "inline"
    && [...each.parentElement.childNodes].some((beside) => beside !== each
      && beside.textContent.trim());
  return [...document.querySelectorAll(controls)]
    .filter((each) => each.checkVisibility({ opacityProperty: true, visibilityProperty: true })
      && !each.closest(".visually-hidden, .skip") && !isInLine(each))
    .flatMap((each) => {
      const boxes = [each, ...(each.labels ?? [])].map((one) => one.getBoundingClientRect());
      const [wide, high] = ["width", "height"].map(
        (side) => Math.max(...boxes.map((box) => box[side])));
      const said = each.ariaLabel || each.textContent.trim() || each.name || each.tagName;
      return Math.min(wide, high) < 23.5 ? [`${said}: ${wide} x ${high} px`] : [];
    });
}"""


def chart_flaws(page: Page) -> list[str]:
    """Return each text of a chart that is cut off, missing, or over another text or the lines."""
    found: list[str] = page.evaluate(CHART_FLAWS)
    return found


def wide_tables(page: Page) -> list[dict[str, object]]:
    """Return each table that is wider than its panel: what it is called, and if it can scroll."""
    found: list[dict[str, object]] = page.evaluate(WIDE_TABLES)
    return found


def small_controls(page: Page) -> list[str]:
    """Return each control that is under 24 px wide or high, which no line of text excuses.

    As WCAG 2.2, 2.5.8 (target size, minimum), less its exception for what has room around it.
    """
    found: list[str] = page.evaluate(SMALL_CONTROLS)
    return found
