// One script for every page that shows thumbnails, here and on other sites (docs/embedding.md).
// It asks for the viewer's arms, shows them, and tells what happened to each picture.
(() => {
  "use strict";
  const VIEWABLE_SHARE = 0.5; // Media Rating Council: half of the pixels ...
  const VIEWABLE_MS = 1000;   // ... for one second, for every arm alike: it is what rates divide by
  const ANIMATED_MS = 2000;   // ... for two seconds, where the picture moved all the while
  const NEAR = "300px";       // pictures this far from the view are fetched
  const BATCH = 50;           // events in one request: well under the 64 KiB that keepalive shares
  const FLUSH_MS = 2000, MAX_WAIT_MS = 60000, LATER_MS = 50, MAX_STEP_S = 2, KEPT = 50;

  const root = document.documentElement;
  const { src, dataset: options } = document.currentScript;
  const stillness = matchMedia("(prefers-reduced-motion: reduce)");
  // Who asks for less motion or less data sees stills, in the same arm.
  const calm = () => stillness.matches || navigator.connection?.saveData;
  const door = (name) => {
    const url = new URL(name, src);
    if (options.key) url.searchParams.set("key", options.key);
    return url.href;
  };

  // Storage may be blocked or full: then it lasts as long as the page.
  const shelf = (storage, name) => ({
    get(otherwise) {
      try { return JSON.parse(window[storage].getItem(name)) ?? otherwise; } catch { return otherwise; }
    },
    set(value) { try { window[storage].setItem(name, JSON.stringify(value)); } catch { /* blocked */ } },
  });
  const kept = { outbox: shelf("sessionStorage", "coverlift.outbox"),
    viewer: shelf("localStorage", "coverlift.viewer"), clicked: shelf("localStorage", "coverlift.clicked") };

  // --- Telling: at least once. A step stays in the tab's outbox until the server has answered; one
  // that is told twice is counted once (same token).
  const told = new Set(); // token + step, so that a step is put in the outbox once a page
  let outbox = kept.outbox.get([]), waitMs = FLUSH_MS, timer = null, sending = false;

  function tell(token, step, more = {}) {
    if (!token || told.has(token + step)) return;
    told.add(token + step);
    outbox.push({ token, step, ...more });
    kept.outbox.set(outbox);
    schedule();
  }

  function tellServed(token) {
    tell(token, "served");
    if (calm()) tell(token, "calm");
  }

  function schedule() {
    if (timer === null && outbox.length) timer = setTimeout(() => { timer = null; flush(); }, waitMs);
  }

  // Text, so that no browser asks beforehand whether it may; keepalive, so that it goes on when the
  // page is left.
  const post = (name, body, keepalive) => fetch(door(name), {
    method: "POST", headers: { "Content-Type": "text/plain" }, body: JSON.stringify(body),
    credentials: "omit", keepalive,
  });

  async function flush() {
    if (sending || !outbox.length) return;
    sending = true;
    const batch = outbox.slice(0, BATCH);
    try {
      const { status } = await post("events", { events: batch }, true);
      // A server in trouble (5xx, 429) is asked again; any other answer is final for these events.
      if (status >= 500 || status === 429) throw new Error(status);
      outbox = outbox.slice(batch.length);
      kept.outbox.set(outbox);
      waitMs = FLUSH_MS;
    } catch {
      waitMs = Math.min(waitMs * 2, MAX_WAIT_MS);
    }
    sending = false;
    schedule();
  }

  // Leaving, after whatever else this page tells then: no answer can be awaited, so the events stay
  // in the outbox and this tab's next page tells them again, or this one when it comes back.
  function leave() {
    for (let start = 0; start < outbox.length; start += BATCH) {
      const events = outbox.slice(start, start + BATCH);
      navigator.sendBeacon(door("events"), JSON.stringify({ events }));
    }
  }

  // --- One picture that is shown with a token.
  class Shown {
    constructor(image, token, moves) {
      Object.assign(this, { image, token, moves, seen: false, loaded: false, timers: {} });
      tellServed(token);
      if (image.complete) this.onEnd();
      for (const end of ["load", "error"]) image.addEventListener(end, () => this.onEnd());
      this.clicks(image.closest("a") || image);
      const links = `[data-coverlift-link="${CSS.escape(image.dataset.coverlift)}"]`;
      document.querySelectorAll(links).forEach((link) => this.clicks(link));
      shown.set(image, this);
      sight.observe(image);
    }

    clicks(element) {
      for (const kind of ["click", "auxclick"]) { // the second is any other button: not the right one
        element.addEventListener(kind, ({ button }) => { if (button < 2) this.onClick(); });
      }
    }

    // Whoever clicks has seen it, however quick: a click without a view would be no rate.
    onClick() {
      tell(this.token, "viewable");
      tell(this.token, "click");
      const { coverlift } = this.image.dataset;
      if (coverlift) kept.clicked.set([[coverlift, this.token], ...kept.clicked.get([])].slice(0, KEPT));
    }

    // Loading has come to an end, good or bad, perhaps before this script ran.
    onEnd() {
      this.loaded = this.image.naturalWidth > 0;
      if (this.loaded) tell(this.token, "loaded");
      this.update();
    }

    // Clocks run only while the picture is there, half in view, and the tab is in front.
    update() {
      const watched = this.seen && this.loaded && !document.hidden;
      this.time("viewable", VIEWABLE_MS, watched);
      this.time("animated", ANIMATED_MS, watched && this.moves && moving(this.image));
    }

    time(step, milliseconds, goes) {
      if (goes && this.timers[step]) return;
      clearTimeout(this.timers[step]);
      this.timers[step] = goes && setTimeout(() => tell(this.token, step), milliseconds);
    }
  }

  // A page that holds a picture still says so on the picture, on what is around it, or on its root.
  const moving = (image) => !calm() && !image.closest("[data-coverlift-paused]");
  const shown = new Map();
  const sight = new IntersectionObserver((entries) => entries.forEach((entry) => {
    const one = shown.get(entry.target);
    one.seen = entry.intersectionRatio >= VIEWABLE_SHARE;
    one.update();
  }), { threshold: [0, VIEWABLE_SHARE] });

  // --- Asking for arms, and showing them.
  let me = options.viewer, asked = 0;

  async function arms(videos) {
    if (!me) kept.viewer.set(me = kept.viewer.get() || crypto.getRandomValues(new Uint32Array(4)).join(""));
    const answer = await post("arms", { viewer: me, user: options.user, videos, position: asked,
      surface: options.surface });
    if (!answer.ok) throw new Error(answer.status);
    asked += videos.length;
    return (await answer.json()).slots;
  }

  // Shown as it is from now on: what comes later would flash.
  const settle = (image) => { image.dataset.coverliftDone = ""; };

  // The smallest file that this browser knows, decoded before it is shown.
  async function show(image, { token, thumbnail }) {
    const moves = thumbnail.media_type === "image/gif" && moving(image);
    const probe = new Image(), picture = document.createElement("picture");
    for (const { url, media_type: type } of moves ? thumbnail.sources : []) {
      const srcset = new URL(url, src).href;
      picture.append(Object.assign(document.createElement("source"), { srcset, type }));
    }
    picture.append(probe);
    probe.src = new URL((!moves && thumbnail.still_url) || thumbnail.url, src).href;
    tellServed(token);
    try { await probe.decode(); } catch { return settle(image); }
    if (!image.hasAttribute("width")) Object.assign(image, { width: thumbnail.width, height: thumbnail.height });
    image.closest("picture")?.querySelectorAll("source").forEach((source) => source.remove());
    image.removeAttribute("srcset");
    image.src = probe.currentSrc;
    settle(image);
    new Shown(image, token, moves);
  }

  const waiting = new Map(); // pictures whose arm is known, and which are not near the view yet
  const near = new IntersectionObserver((entries) => entries.forEach(({ target, isIntersecting }) => {
    if (!isIntersecting) return;
    near.unobserve(target);
    show(target, waiting.get(target));
  }), { rootMargin: NEAR });

  async function fill(images) {
    let late = false;
    const timeout = setTimeout(() => { late = true; images.forEach(settle); }, +options.timeout || 1500);
    try {
      const slots = await arms([...new Set(images.map((image) => image.dataset.coverlift))]);
      const found = new Map(slots.map((slot) => [slot.video.slug, slot]));
      for (const image of late ? [] : images) {
        const slot = found.get(image.dataset.coverlift);
        if (!slot) { settle(image); continue; }
        waiting.set(image, slot);
        near.observe(image);
      }
    } catch (error) {
      console.warn("coverlift:", error);
      images.forEach(settle);
    }
    clearTimeout(timeout);
  }

  // How much of a video was watched, told once on leaving, for the impression that led here.
  function watchVideo(player) {
    const clicked = kept.clicked.get([]);
    const token = clicked.find(([video]) => video === player.dataset.coverliftWatch)?.[1];
    let watchedS = 0, lastS = 0;
    player.addEventListener("timeupdate", () => {
      const stepS = player.currentTime - lastS; // more than two seconds is a jump, not watching
      if (stepS > 0 && stepS < MAX_STEP_S && !player.seeking) watchedS += stepS;
      lastS = player.currentTime;
    });
    addEventListener("pagehide", () => { // in the capture phase: before the outbox is emptied
      if (watchedS > 0) tell(token, "watched", { seconds: Math.round(watchedS * 10) / 10 });
    }, { capture: true });
  }

  // --- What is on the page, now and later.
  const known = new WeakSet();
  const fresh = (selector) => [...document.querySelectorAll(selector)].filter((element) => {
    const isNew = !known.has(element);
    known.add(element);
    return isNew;
  });

  function look() {
    for (const image of fresh("img[data-coverlift-token]")) {
      new Shown(image, image.dataset.coverliftToken, "coverliftMoves" in image.dataset);
    }
    fresh("video[data-coverlift-watch]").forEach(watchVideo);
    const images = fresh("img[data-coverlift]:not([data-coverlift-token])");
    if (images.length) fill(images);
  }

  function start() {
    look();
    let later = null;
    const updateAll = () => shown.forEach((one) => one.update());
    new MutationObserver(() => {
      updateAll();
      later ??= setTimeout(() => { later = null; look(); }, LATER_MS);
    }).observe(root, { childList: true, subtree: true, attributeFilter: ["data-coverlift-paused"] });
    document.addEventListener("visibilitychange", () => { updateAll(); if (document.hidden) flush(); });
    addEventListener("pagehide", leave);
    addEventListener("pageshow", schedule);
    schedule();
  }

  // No picture of the site's own flashes before the viewer's: its place is kept, and empty.
  const hidden = new CSSStyleSheet();
  hidden.replaceSync("img[data-coverlift]:not([data-coverlift-token], [data-coverlift-done]) { visibility: hidden !important }");
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, hidden];

  // A page that is only prepared for the viewer has shown nothing yet.
  const whenParsed = () => {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
    else start();
  };
  if (document.prerendering) document.addEventListener("prerenderingchange", whenParsed, { once: true });
  else whenParsed();

  window.coverlift = { arms, tell };
})();
