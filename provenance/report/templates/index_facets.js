// Charts whose bars are filters, and the chart of when files were signed.

const FACETS = [ // name, title, open from the start
  ["policy", "Policy", true],
  ["source", "How it was made", true],
  ["signer", "Signer", true],
  ["generator", "Generator", true],
  ["agent", "Software of actions", true],
  ["model", "Model", true],
  ["failed", "Failed check", true],
  ["format", "Format", true],
  ["contributor", "Contributor", true],
  ["code", "Status code", false],
];
const CODES = new Set(["failed", "code"]);
const FEW = 5;
const MANY = 200; // bars of a chart that is open

const SOURCES = new Map(Object.entries({ // IPTC digital source types, and those of C2PA, in words
  trainedAlgorithmicMedia: "made by AI",
  compositeWithTrainedAlgorithmicMedia: "composite with AI parts",
  compositeSynthetic: "composite with synthetic parts",
  algorithmicallyEnhanced: "enhanced by an algorithm",
  algorithmicMedia: "made by an algorithm, not trained",
  digitalCapture: "taken with a camera",
  computationalCapture: "taken with a camera, computed",
  digitalCreation: "made by a person with software",
  digitalArt: "made by a person with software",
  humanEdits: "edited by a person",
  minorHumanEdits: "edited a little by a person",
  composite: "composite",
  compositeCapture: "composite of captures",
  dataDrivenMedia: "made from data",
  screenCapture: "screen capture",
  virtualRecording: "recording of a virtual scene",
  negativeFilm: "scanned from film",
  positiveFilm: "scanned from film",
  print: "scanned from print",
  empty: "empty canvas",
  trainedAlgorithmicData: "data made by AI",
}));

const number = (value) => value.toLocaleString("en");

function make(tag, more = {}, ...inner) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(more)) {
    if (value === null || value === undefined) continue;
    if (name === "text") element.textContent = value;
    else if (name === "class") element.className = value;
    else element.setAttribute(name, value);
  }
  element.append(...inner.filter((one) => one !== null));
  return element;
}

// A code may be broken at its dots.
const dotted = (text) => text.split(".").flatMap((part, at) => (at ? [".", make("wbr"), part] : [part]));

function shown(name, text, rows) {
  if (name === "state") return rows.states.get(text) ?? text;
  if (name === "source") return SOURCES.get(text) ?? text;
  return text;
}

class Chart {
  constructor(name, title, open, rows, changed) {
    Object.assign(this, { name, rows, changed, open: false, find: "" });
    this.facet = rows.facets.get(name);
    this.list = make("ul", { class: "bars" });
    this.more = make("button", { type: "button", class: "more" });
    this.more.addEventListener("click", () => {
      this.open = !this.open;
      this.draw();
    });
    this.input = make("input", { type: "search", "aria-label": `Find in ${title}`, placeholder: "Find …", autocomplete: "off" });
    this.input.addEventListener("input", () => {
      this.find = this.input.value.toLowerCase();
      this.draw();
    });
    this.cut = make("p", { class: "small faint" });
    this.element = make("details", { class: "card facet", "data-facet": name }, make("summary", {}, make("h2", { text: title })), this.input, this.list, this.cut, this.more);
    this.element.open = open;
    this.element.addEventListener("toggle", () => this.draw());
    this.list.addEventListener("click", (event) => {
      const bar = event.target.closest("button");
      if (!bar) return;
      const { chosen } = this.facet;
      if (!chosen.delete(bar.value)) chosen.add(bar.value);
      this.changed();
    });
  }

  draw() {
    if (!this.element.open) return;
    const { values, chosen } = this.facet;
    const counts = this.rows.counts(this.name);
    let order = values.map((_, at) => at).filter((at) => counts[at] || chosen.has(values[at]));
    order.sort((one, other) => counts[other] - counts[one] || one - other);
    const most = order.length ? counts[order[0]] : 0;
    const all = order.length;
    if (this.open && this.find) {
      order = order.filter((at) => shown(this.name, values[at], this.rows).toLowerCase().includes(this.find) || values[at].toLowerCase().includes(this.find));
    }
    const limit = this.open ? MANY : FEW;
    const found = order.length;
    order = order.filter((at, place) => place < limit || chosen.has(values[at]));
    const focused = this.list.contains(document.activeElement) ? document.activeElement.value : null;
    this.list.replaceChildren(...order.map((at) => make("li", {}, this.bar(values[at], counts[at], most))));
    if (focused !== null) [...this.list.querySelectorAll("button")].find((one) => one.value === focused)?.focus();
    this.element.classList.toggle("empty", !all);
    this.input.hidden = !this.open || all <= FEW * 3;
    this.cut.hidden = found <= order.length || !this.open;
    this.cut.textContent = `${number(order.length)} of ${number(found)} are shown: find the others by a word of theirs.`;
    this.more.hidden = all <= FEW;
    this.more.textContent = this.open ? "Show fewer" : `Show all ${number(all)}`;
    this.more.setAttribute("aria-expanded", String(this.open));
  }

  bar(text, count, most) {
    const words = shown(this.name, text, this.rows);
    const fill = make("span", { class: "fill" });
    fill.style.width = `${most ? Math.max(100 * count / most, count ? 1 : 0) : 0}%`;
    const pressed = this.facet.chosen.has(text);
    return make(
      "button",
      { type: "button", class: "pick", value: text, "aria-pressed": String(pressed), title: words === text ? text : `${words} (${text})` },
      fill,
      make("bdi", { class: "label" }, ...(CODES.has(this.name) ? dotted(words) : [words])),
      make("span", { class: "count", text: number(count) }),
    );
  }
}

class Timeline {
  constructor(rows, changed) {
    Object.assign(this, { rows, changed });
    this.section = document.getElementById("time");
    this.bars = document.getElementById("bars");
    const dates = rows.columns.signed.filter((at) => isoDay(at));
    let [first, last] = [Infinity, -Infinity];
    for (const at of dates) {
      first = Math.min(first, at);
      last = Math.max(last, at);
    }
    this.section.hidden = !dates.length;
    const span = (last - first) / DAY;
    this.unit = span < 62 ? "day" : span < 365 * 6 ? "month" : "year";
    this.length = { day: 10, month: 7, year: 4 }[this.unit];
    // The bin of each row; of years only those are shown in which something was signed.
    const names = new Map();
    if (dates.length && this.unit !== "year") for (const name of this.between(first, last)) names.set(name, names.size);
    const found = new Set(Array.from(dates, (at) => this.name(at)));
    for (const name of [...found].sort()) if (!names.has(name)) names.set(name, names.size);
    this.names = [...names.keys()];
    this.bins = Int32Array.from(rows.columns.signed, (at) => (isoDay(at) ? names.get(this.name(at)) : -1));
    document.getElementById("first").textContent = this.names[0] ?? "";
    document.getElementById("last").textContent = this.names.length > 1 ? this.names.at(-1) : "";
    document.getElementById("unit").textContent = `files per ${this.unit}`;
    this.bars.addEventListener("click", (event) => {
      const bar = event.target.closest("button");
      if (!bar) return;
      const [from, to] = this.ends(bar.value);
      const same = rows.from === from && rows.to === to;
      rows.from = same ? "" : from;
      rows.to = same ? "" : to;
      this.changed();
    });
  }

  name(seconds) {
    return isoDay(seconds).slice(0, this.length);
  }

  * between(first, last) {
    let before = "";
    for (let at = first; at < last + DAY; at += DAY) {
      const name = this.name(Math.min(at, last));
      if (name !== before) yield name;
      before = name;
    }
  }

  // The first and the last day of a bin.
  ends(name) {
    if (this.unit === "day") return [name, name];
    const [year, month] = name.split("-").map(Number);
    const next = this.unit === "year" ? Date.UTC(year + 1, 0) : Date.UTC(year, month);
    return [`${name}${this.unit === "year" ? "-01-01" : "-01"}`, isoDay(next / 1000 - DAY)];
  }

  draw() {
    const { rows, bins } = this;
    const others = ~rows.bits.get("dates");
    const counts = new Uint32Array(this.names.length);
    for (let row = 0; row < rows.count; row += 1) if (bins[row] >= 0 && !(rows.failing[row] & others)) counts[bins[row]] += 1;
    let most = 1;
    for (const count of counts) most = Math.max(most, count);
    const focused = this.bars.contains(document.activeElement) ? document.activeElement.value : null;
    this.bars.replaceChildren(...this.names.map((name, at) => {
      const [from, to] = this.ends(name);
      const inside = (!rows.from || from >= rows.from) && (!rows.to || to <= rows.to);
      const pressed = Boolean(rows.from || rows.to) && inside;
      const words = `${name}: ${number(counts[at])} ${counts[at] === 1 ? "file" : "files"}`;
      const fill = make("span", { class: "fill" });
      fill.style.height = `${counts[at] ? Math.max(100 * counts[at] / most, 2) : 0}%`;
      return make("button", { type: "button", class: "column", value: name, "aria-pressed": String(pressed), "aria-label": words, title: words }, fill);
    }));
    if (focused !== null) [...this.bars.children].find((one) => one.value === focused)?.focus();
  }
}
