// Further rows of the feed, which come when the end of those that are there nears the view. Their
// pictures are given out, and so counted, no sooner. Where that fails, the link stays for the viewer.
const NEAR = "800px";

export function loadRowsNearView(grid, more, onRows) {
  if (!more) return;
  const link = more.querySelector("a");
  more.classList.add("automatic"); // keeps its place and is not seen: what comes moves nothing
  const sight = new IntersectionObserver(async ([{ isIntersecting }]) => {
    if (!isIntersecting) return;
    sight.unobserve(more);
    const next = await fetched(link.href);
    if (!next) { more.classList.remove("automatic"); return; }
    const rows = [...next.querySelectorAll(".grid > li")];
    grid.append(...rows);
    onRows(rows);
    const further = next.querySelector(".more a");
    if (!further) { more.remove(); return; }
    link.href = further.href;
    sight.observe(more); // tells anew, also where it is still near
  }, { rootMargin: `0px 0px ${NEAR}` });
  sight.observe(more);
}

async function fetched(address) {
  try {
    const answer = await fetch(address);
    if (!answer.ok) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return null;
  }
}
