// The table: a page of rows at a time, and what is known of a file below its row.

const PAGE = 100; // rows
const PRINTED = 500;
const SIGNS = { good: "✓", warn: "!", bad: "✕", none: "–" };
const COLUMNS = [ // what to sort by, its name at the top
  [null, "Picture"],
  ["file", "File"],
  ["verdict", "Verdict"],
  ["signer", "Signer"],
  ["generator", "Generator"],
  ["signed", "Signed"],
  ["failed", "Failed checks"],
];
const SORTS = [["verdict", "verdict"], ["file", "file"], ["signer", "signer"], ["generator", "generator"],
  ["-signed", "newest"], ["signed", "oldest"], ["failed", "failed check"], ["-size", "largest"], ["size", "smallest"]];
const WITHOUT = new Map([ // why a row has no thumbnail
  [-2, "There is no picture in it."],
  [-3, "Its picture cannot be decoded, or is too large to be."],
  [-4, "The file has changed or gone since it was indexed."],
  [-5, "The file could not be read."],
]);

const moment = (seconds) => {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? "" : `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
};

function bytes(size) {
  const units = ["bytes", "KB", "MB", "GB", "TB"];
  let [value, at] = [size, 0];
  while (value >= 1000 && at < units.length - 1) [value, at] = [value / 1000, at + 1];
  return at ? `${value.toFixed(value < 10 ? 1 : 0)} ${units[at]}` : `${number(value)} bytes`;
}

const chip = (tone, words) => make("span", { class: `chip ${tone}` }, make("span", { class: "sign", "aria-hidden": "true", text: SIGNS[tone] ?? SIGNS.none }), make("bdi", { text: words }));

// Texts of many pictures or details stand together, and are taken apart when one of them is needed.
class Store {
  constructor(name, size, read) {
    Object.assign(this, { name, size, read, held: new Map() });
  }

  at(place) {
    const group = Math.floor(place / this.size);
    if (!this.held.has(group)) {
      const element = document.getElementById(`${this.name}${group}`);
      // While the page is still being read, the last of what is there may be half of it.
      if (!element || (document.readyState === "loading" && !element.nextElementSibling)) return null;
      this.held.set(group, this.read(JSON.parse(element.textContent)));
    }
    const found = this.held.get(group);
    return { found, place: place % this.size };
  }
}

async function inflated(text) {
  const data = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).json();
}

class Table {
  constructor(rows, turned) {
    Object.assign(this, { rows, turned, page: 1, size: PAGE });
    this.body = document.getElementById("rows");
    this.pictures = new Store("pictures", 100, (texts) => texts);
    this.details = new Store("details", 500, inflated);
    this.heads = new Map();
    for (const [key, words] of COLUMNS) {
      const button = key && make("button", { type: "button", text: words });
      const head = make("th", { scope: "col", class: `is-${key ?? "picture"}` }, button ?? make("span", { class: "unseen", text: words }));
      button?.addEventListener("click", () => this.sort(rows.order === key ? `-${key}` : key));
      if (key) this.heads.set(key, head);
      document.getElementById("heads").append(head);
    }
    this.select = document.getElementById("sort");
    this.select.append(...SORTS.map(([value, text]) => make("option", { value, text })));
    this.select.addEventListener("change", () => this.sort(this.select.value));
    this.body.addEventListener("click", (event) => {
      const button = event.target.closest("button.name");
      const row = event.target.closest("tr.row");
      if (button || (row && !getSelection().toString())) this.toggle(row);
    });
    const go = (id, to) => document.getElementById(id).addEventListener("click", () => this.turn(to()));
    go("firstpage", () => 1);
    go("previous", () => this.page - 1);
    go("next", () => this.page + 1);
    go("lastpage", () => this.pages);
    this.input = document.getElementById("page");
    this.input.addEventListener("change", () => this.turn(Math.round(Number(this.input.value)) || 1));
    window.addEventListener("beforeprint", () => {
      this.size = PRINTED;
      this.draw();
    });
    window.addEventListener("afterprint", () => {
      this.size = PAGE;
      this.draw();
    });
  }

  get pages() {
    return Math.max(1, Math.ceil(this.rows.found.length / this.size));
  }

  sort(order) {
    this.rows.order = order;
    this.rows.arrange();
    this.page = 1;
    this.turned();
  }

  turn(page) {
    this.page = page;
    this.turned();
    document.getElementById("filestitle").scrollIntoView({ block: "start" });
  }

  draw() {
    const { rows } = this;
    this.page = Math.min(Math.max(1, this.page), this.pages);
    const start = this.size === PAGE ? (this.page - 1) * PAGE : 0;
    this.body.replaceChildren(...Array.from(rows.found.subarray(start, start + this.size), (row) => this.row(row)));
    document.getElementById("nothing").hidden = rows.found.length > 0;
    document.getElementById("printed").textContent = rows.found.length > PRINTED ? `The first ${PRINTED} are printed; a filter leads to others.` : "";
    const down = rows.order.startsWith("-");
    const key = down ? rows.order.slice(1) : rows.order;
    for (const [name, head] of this.heads) {
      if (name === key) head.setAttribute("aria-sort", down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
    this.select.value = rows.order;
    document.getElementById("pager").hidden = this.pages === 1;
    document.getElementById("pages").textContent = number(this.pages);
    this.input.value = this.page;
    this.input.max = this.pages;
    for (const [id, off] of [["firstpage", this.page === 1], ["previous", this.page === 1], ["next", this.page === this.pages], ["lastpage", this.page === this.pages]]) {
      document.getElementById(id).disabled = off;
    }
  }

  row(row) {
    const { rows } = this;
    const { columns } = rows;
    const [words, tone] = rows.outcomes[columns.outcome[row]];
    const failed = rows.values("failed", row);
    const signed = columns.signed[row];
    const cell = (is, ...inner) => make("td", { class: `is-${is}`, "data-is": is }, ...inner);
    const folder = rows.path(row);
    return make(
      "tr",
      { class: "row", "data-row": row },
      make("td", { class: "is-picture" }, this.thumbnail(row)),
      make(
        "th",
        { scope: "row", class: "is-file" },
        make("button", { type: "button", class: "name", "aria-expanded": "false" }, make("bdi", { text: rows.names[row] })),
        folder ? make("bdi", { class: "small faint folder", text: folder }) : null,
      ),
      cell("verdict", chip(tone, words)),
      cell("signer", ...rows.values("signer", row).map((text) => make("bdi", { class: "clamp", text, title: text }))),
      cell("generator", ...rows.values("generator", row).map((text) => make("bdi", { class: "clamp", text, title: text }))),
      cell("signed", ...(Number.isNaN(signed) ? [] : [make("span", { text: isoDay(signed), title: moment(signed) }), columns.attested[row] ? null : make("span", { class: "small faint", text: " not attested" })].filter(Boolean))),
      cell("failed", ...failed.slice(0, 3).map((text) => make("code", {}, ...dotted(text))), ...(failed.length > 3 ? [make("span", { class: "small faint", text: `and ${failed.length - 3} more` })] : [])),
    );
  }

  thumbnail(row) {
    const picture = this.rows.columns.picture[row];
    const found = picture >= 0 ? this.pictures.at(picture) : null;
    if (!found) {
      const [format] = this.rows.values("format", row);
      const kind = (format ?? "").split("/").pop().replace(/^(x-|vnd\.)/, "").replace(/\+.*/, "").slice(0, 5);
      return make("span", { class: "blank", "aria-hidden": "true", text: kind });
    }
    return make("img", { src: `data:image/webp;base64,${found.found[found.place]}`, alt: "", width: 48, height: 48, decoding: "async" });
  }

  toggle(line) {
    const button = line.querySelector("button.name");
    const open = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!open));
    line.classList.toggle("open", !open);
    if (open) {
      line.nextElementSibling.remove();
      return;
    }
    const place = make("td", { colspan: COLUMNS.length }, make("p", { class: "faint", text: "…" }));
    line.after(make("tr", { class: "detail" }, place));
    this.tell(Number(line.dataset.row), place);
  }

  async tell(row, place) {
    const held = this.details.at(row);
    if (held === null) {
      place.firstChild.textContent = "The page is still being read; try again in a moment.";
      return;
    }
    const { manifests, files } = await held.found;
    const [lines, own, more] = files[held.place];
    place.replaceChildren(...this.about(row, lines), ...own.map(([at, state], nth) => manifestOf(manifests[at], state, nth)));
    if (!own.length) place.append(make("p", { class: "faint", text: "It has no manifest that could be read." }));
    if (more) place.append(make("p", { class: "small faint", text: `… and ${number(more)} more manifests; the index has them all` }));
  }

  * about(row, lines) {
    const { rows } = this;
    const { columns } = rows;
    const [words, tone] = rows.outcomes[columns.outcome[row]];
    yield make("p", { class: `mark ${tone}` }, make("span", { class: "sign", "aria-hidden": "true", text: SIGNS[tone] ?? SIGNS.none }), make("strong", { text: words }));
    if (lines.length) yield make("ul", { class: "lines" }, ...lines.map((text) => make("li", {}, make("bdi", { text }))));
    yield factsOf([
      ["File", [rows.path(row), rows.names[row]].filter(Boolean).join("/")],
      ["Title", rows.titles[row]],
      ["Format", rows.values("format", row).join(", ")],
      ["Size", bytes(columns.size[row])],
      ["Models", rows.values("model", row).join("; ")],
      ["Checked", moment(columns.checked[row])],
      ["Thumbnail", WITHOUT.get(columns.picture[row])],
    ]);
  }
}

function factsOf(facts) {
  return make("dl", { class: "facts" }, ...facts.filter(([, text]) => text).flatMap(([name, text]) => [make("dt", { text: name }), make("dd", {}, make("bdi", { text }))]));
}

const TONES = new Map([["Trusted", ["good", "valid, signer trusted"]], ["Valid", ["warn", "valid"]], ["Invalid", ["bad", "invalid"]]]);

function manifestOf(one, state, nth) {
  const [tone, words] = TONES.get(state) ?? ["none", state];
  const listed = (title, items, more) => (items.length ? [make("h4", { text: title }), make("ul", { class: "lines" }, ...items.map((parts) => make("li", {}, ...parts)), ...(more ? [make("li", { class: "faint", text: `… and ${number(more)} more` })] : []))] : []);
  const words_ = (text) => make("span", { class: "small faint", text });
  const signed = one.signed === null ? "" : `${moment(one.signed)}${one.attested ? ", attested by a time stamp" : ", as the signer says"}`;
  return make(
    "section",
    { class: "manifest" },
    make("p", { class: "relation", text: nth ? "manifest of an ingredient" : "active manifest" }),
    make("h3", {}, make("bdi", { text: one.title ?? one.label }), " ", chip(tone, words)),
    factsOf([
      ["Signed by", one.signer],
      ["Signed", signed],
      ["Generator", one.generator],
      ["How it was made", one.sources.split(" ").filter(Boolean).map((text) => SOURCES.get(text) ?? text).join("; ")],
      ["Manifest", one.kind === "standard" ? one.label : `${one.label} (${one.kind})`],
    ]),
    ...listed("Made of", one.parts.map(([role, title, format, digest]) => [make("bdi", { text: title ?? digest ?? "(without a title)" }), " ", words_([role, format, title ? digest : null].filter(Boolean).join(", "))]), one.moreParts),
    ...listed("People", one.people.map(([name, role, evidence]) => [make("bdi", { text: name }), " ", words_([role, evidence].filter((text, at, all) => text && all.indexOf(text) === at).join(", "))]), one.morePeople),
  );
}
