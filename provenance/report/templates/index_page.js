// Puts it together: what is asked for, in the fields and in the address, and what is then seen.
(() => {
  const rows = new Rows(document);
  const by = (id) => document.getElementById(id);
  const tiles = [...document.querySelectorAll("button.tile")];
  const charts = FACETS.map(([name, title, open]) => new Chart(name, title, open, rows, () => change(1)));
  const timeline = new Timeline(rows, () => change(1));
  const table = new Table(rows, () => {
    table.draw();
    write();
  });
  const side = by("side");
  const fields = ["from", "to"];
  const NAMES = new Map([...FACETS.map(([name, title]) => [name, title.toLowerCase()]), ["state", "verdict"]]);

  function change(page) {
    table.page = page;
    rows.apply();
    draw();
    write();
  }

  // Browsers refuse, one of them with an error, to have the address changed a hundred times in half a minute.
  let writing = 0;
  function write() {
    clearTimeout(writing);
    writing = setTimeout(() => {
      const words = written();
      if (words !== location.hash.slice(1)) history.replaceState(null, "", words ? `#${words}` : location.pathname + location.search);
    }, 400);
  }

  function draw() {
    drawTiles();
    for (const chart of charts) chart.draw();
    timeline.draw();
    table.draw();
    drawChips();
    const all = number(rows.count);
    by("filestitle").textContent = rows.filtered ? `${number(rows.found.length)} of ${all} files` : `${all} ${rows.count === 1 ? "file" : "files"}`;
    if (by("search").value.trim() !== rows.search) by("search").value = rows.search;
    for (const id of fields) if (by(id).value !== rows[id]) by(id).value = rows[id];
  }

  function drawTiles() {
    const facet = rows.facets.get("state");
    const counts = rows.counts("state");
    const parts = [];
    for (const tile of tiles) {
      const name = tile.dataset.state;
      const count = counts[facet.numbers.get(name)] ?? 0;
      tile.querySelector(".number").textContent = number(count);
      tile.setAttribute("aria-pressed", String(facet.chosen.has(name)));
      tile.disabled = !count && !facet.chosen.has(name);
      const part = make("span", { class: tile.classList[1] });
      part.style.flexGrow = count;
      if (count) parts.push(part);
    }
    const total = counts.reduce((sum, one) => sum + one, 0);
    for (const tile of tiles) {
      const count = counts[facet.numbers.get(tile.dataset.state)] ?? 0;
      tile.querySelector(".percent").textContent = percent(count, total);
    }
    by("parts").replaceChildren(...parts);
  }

  function percent(count, total) {
    const part = total ? (100 * count) / total : 0;
    if (part && part < 1) return "< 1 %";
    return part > 99 && part < 100 ? "> 99 %" : `${Math.round(part)} %`;
  }

  // Each filter in force is a button that takes it away.
  function drawChips() {
    const chips = [];
    const add = (words, away, label = `Take away the filter ${words}`) => {
      const button = make("button", { type: "button", class: "filter", "aria-label": label }, make("bdi", { text: words }), make("span", { "aria-hidden": "true", text: " ×" }));
      button.addEventListener("click", () => {
        away();
        change(1);
        by("search").focus({ preventScroll: true });
      });
      chips.push(make("li", {}, button));
    };
    if (rows.search) add(`“${rows.search}”`, () => { rows.search = ""; });
    for (const [name, facet] of rows.facets) {
      for (const text of facet.chosen) add(`${NAMES.get(name)}: ${shown(name, text, rows)}`, () => facet.chosen.delete(text));
    }
    if (rows.from) add(`signed from ${rows.from}`, () => { rows.from = ""; });
    if (rows.to) add(`signed to ${rows.to}`, () => { rows.to = ""; });
    if (chips.length > 1) add("Clear all", clear, "Clear all filters");
    by("chips").replaceChildren(...chips);
  }

  function clear() {
    Object.assign(rows, { search: "", from: "", to: "" });
    for (const facet of rows.facets.values()) facet.chosen.clear();
  }

  // The filters as they stand in the address behind "#", so that a link or a bookmark keeps them.
  function written() {
    const words = new URLSearchParams();
    if (rows.search) words.set("q", rows.search);
    for (const [name, facet] of rows.facets) for (const text of facet.chosen) words.append(name, text);
    for (const name of fields) if (rows[name]) words.set(name, rows[name]);
    if (rows.order !== "verdict") words.set("sort", rows.order);
    if (table.page > 1) words.set("page", table.page);
    return words.toString();
  }

  function read() {
    const words = new URLSearchParams(location.hash.slice(1));
    clear();
    rows.search = words.get("q") ?? "";
    for (const [name, facet] of rows.facets) for (const text of words.getAll(name)) facet.chosen.add(text);
    for (const name of fields) rows[name] = /^\d{4}-\d\d-\d\d$/.test(words.get(name) ?? "") ? words.get(name) : "";
    const orders = [...COLUMNS.map(([key]) => key), "size"].filter(Boolean).flatMap((key) => [key, `-${key}`]);
    rows.order = orders.includes(words.get("sort")) ? words.get("sort") : "verdict";
    change(Math.max(1, Number.parseInt(words.get("page"), 10) || 1));
  }

  for (const tile of tiles) {
    tile.addEventListener("click", () => {
      const { chosen } = rows.facets.get("state");
      if (!chosen.delete(tile.dataset.state)) chosen.add(tile.dataset.state);
      change(1);
    });
  }
  let waiting = 0;
  by("search").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      rows.search = by("search").value.trim();
      change(1);
    }, 80);
  });
  for (const id of fields) {
    by(id).addEventListener("change", () => {
      rows[id] = by(id).value;
      change(1);
    });
  }
  window.addEventListener("hashchange", () => {
    if (location.hash.slice(1) !== written()) read();
  });

  const wide = window.matchMedia("print, (min-width: 62rem)");
  const unfold = () => { side.open = wide.matches; };
  wide.addEventListener("change", unfold);
  unfold();
  for (const chart of charts) if (chart.facet.values.length) by("facets").append(chart.element);
  by("live").hidden = false;
  read();
  // Thumbnails come last; those of the rows in sight are put in when all is there.
  document.addEventListener("DOMContentLoaded", () => {
    for (const line of document.querySelectorAll("tr.row")) line.firstChild.replaceChildren(table.thumbnail(Number(line.dataset.row)));
  });
})();
