"use strict";
// The rows as columns of numbers, and which of them pass the filters. Knows nothing of what is seen.

const DAY = 86400;

class Facet {
  constructor({ name, column, values, groups }, columns) {
    this.name = name;
    this.values = values; // texts
    this.groups = groups; // numbers of values that a row may have together
    this.column = columns[column]; // the group of each row
    this.numbers = new Map(values.map((text, number) => [text, number]));
    this.chosen = new Set(); // texts, of which one is enough; also some that no row has
  }

  // Which groups have one of the chosen values, or one of those that a search has found.
  having(wanted) {
    return Uint8Array.from(this.groups, (group) => (group.some(wanted) ? 1 : 0));
  }

  passing() {
    const numbers = new Set([...this.chosen].map((text) => this.numbers.get(text)));
    return this.having((number) => numbers.has(number));
  }

  // How many rows have each value, of those that all other filters let pass.
  counts(failing, own) {
    const others = ~own;
    const { column } = this;
    const byGroup = new Uint32Array(this.groups.length);
    for (let row = 0; row < column.length; row += 1) if (!(failing[row] & others)) byGroup[column[row]] += 1;
    const counts = new Uint32Array(this.values.length);
    this.groups.forEach((group, number) => {
      for (const value of group) counts[value] += byGroup[number];
    });
    return counts;
  }
}

class Rows {
  constructor(document) {
    const shared = JSON.parse(document.getElementById("shared").textContent);
    const { count } = shared;
    this.count = count;
    this.folders = shared.folders;
    this.outcomes = shared.outcomes; // words, tone, rank
    this.states = new Map(Object.entries(shared.states));
    this.names = [];
    this.titles = [];
    this.columns = {};
    for (const name of ["folder", "outcome", "attested", "checked", "picture", "generator", "model", "contributor", "source", "agent"]) {
      this.columns[name] = new Int32Array(count);
    }
    this.columns.signed = new Float64Array(count);
    this.columns.size = new Float64Array(count);
    let at = 0;
    for (const element of document.querySelectorAll("script.block")) {
      const block = JSON.parse(element.textContent);
      for (const name of block.name) this.names.push(name);
      for (const title of block.title) this.titles.push(title);
      for (const [name, column] of Object.entries(this.columns)) {
        const values = block[name];
        for (let row = 0; row < values.length; row += 1) column[at + row] = values[row] ?? NaN;
      }
      at += block.name.length;
      element.remove();
    }
    this.facets = new Map(Object.values(shared.facets).map((one) => [one.name, new Facet(one, this.columns)]));
    this.bits = new Map([...this.facets.keys(), "search", "dates"].map((name, place) => [name, 1 << place]));
    this.search = "";
    this.from = ""; // dates as YYYY-MM-DD; empty: none
    this.to = "";
    this.order = "verdict"; // a minus before it: the other way round
    this.texts = null;
    this.apply();
  }

  get filtered() {
    return Boolean(this.search || this.from || this.to) || [...this.facets.values()].some((one) => one.chosen.size);
  }

  apply() {
    const failing = new Uint16Array(this.count); // a bit for each filter that a row does not pass
    for (const [name, facet] of this.facets) {
      if (facet.chosen.size) this.fail(failing, facet.column, facet.passing(), this.bits.get(name));
    }
    for (const word of this.search.toLowerCase().split(/\s+/).filter(Boolean)) this.seek(failing, word);
    const [from, to] = this.range();
    if (from !== null || to !== null) {
      const { signed } = this.columns;
      const bit = this.bits.get("dates");
      for (let row = 0; row < this.count; row += 1) {
        // One without a date is in no range.
        if (!(signed[row] >= (from ?? -Infinity) && signed[row] < (to ?? Infinity))) failing[row] |= bit;
      }
    }
    this.failing = failing;
    let matches = 0;
    for (let row = 0; row < this.count; row += 1) if (!failing[row]) matches += 1;
    this.found = new Uint32Array(matches);
    let place = 0;
    for (let row = 0; row < this.count; row += 1) if (!failing[row]) this.found[place++] = row;
    this.arrange();
  }

  fail(failing, column, passing, bit) {
    for (let row = 0; row < this.count; row += 1) if (!passing[column[row]]) failing[row] |= bit;
  }

  range() {
    const seconds = (text) => (text && Number.isFinite(Date.parse(text)) ? Date.parse(text) / 1000 : null);
    const to = seconds(this.to);
    return [seconds(this.from), to === null ? null : to + DAY];
  }

  // A word is looked for in texts that many rows share once for all of them.
  seek(failing, word) {
    this.texts ??= {
      names: this.names.map((text) => text.toLowerCase()),
      titles: this.titles.map((text) => text.toLowerCase()),
      folders: this.folders.map((text) => text.toLowerCase()),
      outcomes: this.outcomes.map(([words]) => words.toLowerCase()),
      values: new Map([...this.facets].map(([name, one]) => [name, one.values.map((text) => text.toLowerCase())])),
    };
    const { names, titles, folders, outcomes, values } = this.texts;
    const within = (texts) => Uint8Array.from(texts, (text) => (text.includes(word) ? 1 : 0));
    const shared = [
      [this.columns.folder, within(folders)],
      [this.columns.outcome, within(outcomes)],
      ...[...this.facets].filter(([name]) => name !== "state").map(([name, facet]) => {
        const found = within(values.get(name));
        return [facet.column, facet.having((number) => found[number])];
      }),
    ];
    const bit = this.bits.get("search");
    for (let row = 0; row < this.count; row += 1) {
      if (failing[row] & bit) continue;
      const has = names[row].includes(word) || titles[row].includes(word) || shared.some(([column, found]) => found[column[row]]);
      if (!has) failing[row] |= bit;
    }
  }

  arrange() {
    const down = this.order.startsWith("-");
    const name = down ? this.order.slice(1) : this.order;
    if (name === "file") { // the rows come in the order of their paths
      this.found.sort();
      if (down) this.found.reverse();
      return;
    }
    const keys = this.keys(name);
    const sign = down ? -1 : 1;
    this.found.sort((one, other) => {
      const [first, second] = [keys[one], keys[other]];
      if (first === second) return one - other;
      if (first === Infinity) return 1; // what has none comes last, whichever way
      if (second === Infinity) return -1;
      return sign * (first - second);
    });
  }

  // A number for each row, by which to sort; Infinity: it has none.
  keys(name) {
    const { columns } = this;
    if (name === "signed") return columns.signed.map((at) => (Number.isNaN(at) ? Infinity : at));
    if (name === "size") return columns.size;
    const byGroup = {
      verdict: () => this.outcomes.map(([, , rank]) => rank),
      failed: () => this.alphabet("failed"),
      signer: () => this.alphabet("signer"),
      generator: () => this.alphabet("generator"),
    }[name]();
    const column = ["verdict", "failed", "signer"].includes(name) ? columns.outcome : columns.generator;
    return Float64Array.from(column, (group) => byGroup[group]);
  }

  alphabet(name) {
    const { values, groups } = this.facets.get(name);
    const { compare } = new Intl.Collator(undefined, { numeric: true });
    const texts = groups.map((group) => group.map((number) => values[number]).join(" "));
    const ranks = new Map([...new Set(texts)].sort(compare).map((text, rank) => [text, rank]));
    return texts.map((text) => (text ? ranks.get(text) : Infinity));
  }

  values(name, row) {
    const facet = this.facets.get(name);
    return facet.groups[facet.column[row]].map((number) => facet.values[number]);
  }

  counts(name) {
    return this.facets.get(name).counts(this.failing, this.bits.get(name));
  }

  path(row) {
    return this.folders[this.columns.folder[row]];
  }
}

const isoDay = (seconds) => {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString().slice(0, date.getUTCFullYear() > 9999 ? 13 : 10);
};
