
"use strict";
// Moves the picture, and shows one card at a time. All texts are in the page already.
(() => {
  const graph = document.getElementById("graph");
  const said = document.getElementById("said");
  const leads = (link) => link.getAttribute("href").slice(1); // an SVG link has no hash of its own
  const boxes = new Map([...graph.querySelectorAll("a.box")].map((box) => [leads(box), box]));
  const cards = new Map([...document.querySelectorAll("article.work")].map((card) => [card.id, card]));
  const [, , fullWidth, fullHeight] = graph.getAttribute("viewBox").split(" ").map(Number);
  const first = boxes.values().next().value;
  const size = first.querySelector(".ground");
  const boxWidth = Number(size.getAttribute("width"));
  const boxHeight = Number(size.getAttribute("height"));
  const view = { x: 0, y: 0, scale: 1 };
  let own = false; // has the user moved the picture?
  document.documentElement.classList.add("js");

  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
  const place = (box) => ({ x: Number(box.dataset.x) + boxWidth / 2, y: Number(box.dataset.y) + boxHeight / 2 });

  function draw() {
    const { clientWidth: width, clientHeight: height } = graph;
    const seen = { width: width / view.scale, height: height / view.scale };
    // Something of the picture stays in sight.
    view.x = clamp(view.x, boxWidth / 2 - seen.width, fullWidth - boxWidth / 2);
    view.y = clamp(view.y, boxHeight - seen.height, fullHeight - boxHeight);
    graph.setAttribute("viewBox", `${view.x} ${view.y} ${seen.width} ${seen.height}`);
  }

  function fitting() {
    return Math.min(graph.clientWidth / fullWidth, graph.clientHeight / fullHeight, 1.2);
  }

  function showAll() {
    view.scale = fitting();
    view.x = (fullWidth - graph.clientWidth / view.scale) / 2;
    view.y = (fullHeight - graph.clientHeight / view.scale) / 2;
    draw();
  }

  function begin() {
    showAll();
    if (view.scale < 0.75) { // too small to read: start at the root
      view.scale = 0.85;
      const root = place(first);
      view.x = root.x - graph.clientWidth / view.scale / 2;
      view.y = 0;
      draw();
    }
  }

  function zoom(factor, x = graph.clientWidth / 2, y = graph.clientHeight / 2) {
    own = true;
    const scale = clamp(view.scale * factor, Math.min(fitting(), 0.2), 4);
    view.x += x / view.scale - x / scale;
    view.y += y / view.scale - y / scale;
    view.scale = scale;
    draw();
  }

  function bringIn(box) {
    const { x, y } = place(box);
    const width = graph.clientWidth / view.scale;
    const height = graph.clientHeight / view.scale;
    view.x = clamp(view.x, x + boxWidth / 2 + 12 - width, x - boxWidth / 2 - 12);
    view.y = clamp(view.y, y + boxHeight / 2 + 12 - height, y - boxHeight / 2 - 12);
    draw();
  }

  function choose(id, asked = true) {
    const card = cards.get(id);
    if (!card) return;
    for (const one of cards.values()) one.hidden = one !== card;
    for (const [name, box] of boxes) {
      if (name === id) box.setAttribute("aria-current", "true");
      else box.removeAttribute("aria-current");
    }
    const box = boxes.get(id);
    if (box) {
      stop(box);
      bringIn(box);
    }
    if (asked) {
      own = true;
      said.textContent = `Shown: ${card.querySelector("h3").textContent}`;
      card.scrollIntoView({ block: "nearest" });
      card.parentElement.scrollTop = 0;
    }
  }

  // One box is reached by Tab; from there arrows lead on.
  function stop(box) {
    for (const one of boxes.values()) one.setAttribute("tabindex", one === box ? "0" : "-1");
  }

  function beside(box, step) {
    const row = [...boxes.values()].filter((one) => one.dataset.y === box.dataset.y);
    row.sort((one, other) => Number(one.dataset.x) - Number(other.dataset.x));
    return row[row.indexOf(box) + step];
  }

  // Of the boxes along the lines the nearest one.
  function along(box, names) {
    const { x } = place(box);
    const found = names.split(" ").map((name) => boxes.get(name)).filter(Boolean);
    found.sort((one, other) => Math.abs(place(one).x - x) - Math.abs(place(other).x - x));
    return found[0];
  }

  graph.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const box = event.target.closest("a.box") || first;
    const next = {
      ArrowDown: () => along(box, box.dataset.down),
      ArrowUp: () => along(box, box.dataset.up),
      ArrowLeft: () => beside(box, -1),
      ArrowRight: () => beside(box, 1),
      Home: () => first,
    }[event.key];
    const act = { "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), 0: showAll }[event.key];
    if (next) {
      const to = next();
      if (to) {
        own = true;
        stop(to);
        to.focus({ preventScroll: true });
        bringIn(to);
      }
    } else if (act) act();
    else if (event.key === " ") choose(leads(box));
    else return;
    event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link) return;
    const id = leads(link);
    if (!cards.has(id)) return;
    event.preventDefault();
    if (moved) return;
    choose(id);
    // From a list one goes on reading in the card that was asked for.
    if (!graph.contains(link)) {
      cards.get(id).scrollIntoView({ block: "nearest" });
      cards.get(id).focus({ preventScroll: true });
    }
  });

  const fingers = new Map();
  let moved = false;
  const apart = () => {
    const [one, other] = [...fingers.values()];
    return Math.hypot(one.x - other.x, one.y - other.y);
  };
  graph.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    if (!fingers.size) moved = false;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  });
  graph.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    if (!moved && Math.hypot(now.x - before.x, now.y - before.y) < 5) return;
    if (!moved) graph.setPointerCapture(event.pointerId);
    moved = own = true;
    graph.classList.add("held");
    const were = fingers.size === 2 ? apart() : 0;
    fingers.set(event.pointerId, now);
    if (fingers.size === 2) {
      const frame = graph.getBoundingClientRect();
      const [one, other] = [...fingers.values()];
      zoom(apart() / (were || 1), (one.x + other.x) / 2 - frame.left, (one.y + other.y) / 2 - frame.top);
    } else if (fingers.size === 1) {
      view.x -= (now.x - before.x) / view.scale;
      view.y -= (now.y - before.y) / view.scale;
      draw();
    }
  });
  for (const name of ["pointerup", "pointercancel"]) {
    window.addEventListener(name, (event) => {
      fingers.delete(event.pointerId);
      if (!fingers.size) graph.classList.remove("held");
    });
  }
  graph.addEventListener("dragstart", (event) => event.preventDefault());
  // A plain wheel scrolls the page; with Ctrl, which a pinch on a touchpad sends, it zooms.
  graph.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const frame = graph.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY / 200), event.clientX - frame.left, event.clientY - frame.top);
  }, { passive: false });

  document.getElementById("in").addEventListener("click", () => zoom(1.25));
  document.getElementById("out").addEventListener("click", () => zoom(0.8));
  document.getElementById("all").addEventListener("click", showAll);
  window.addEventListener("resize", () => (own ? draw() : begin()));

  begin();
  const asked = location.hash.slice(1);
  choose(cards.has(asked) ? asked : leads(first), false);
})();
