// Plays a proposal's three seconds in a loop, as its GIF would; every answer has a key.
const SHOT_S = 1;
const player = document.querySelector("video[data-shots]");

if (player) {
  const shots = player.dataset.shots.split(" ").map(Number);
  const times = document.querySelectorAll(".shots li");
  let shown = 0;
  const show = (number) => {
    shown = number % shots.length;
    player.currentTime = shots[shown];
    times.forEach((time, index) => time.setAttribute("aria-current", String(index === shown)));
  };
  player.addEventListener("loadedmetadata", () => {
    show(0);
    player.play();
  });
  player.addEventListener("timeupdate", () => {
    if (!player.seeking && player.currentTime >= shots[shown] + SHOT_S) show(shown + 1);
  });
  player.addEventListener("ended", () => {
    show(shown + 1);
    player.play();
  });
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (target) target.click();
});
