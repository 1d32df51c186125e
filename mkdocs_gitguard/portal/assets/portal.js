// Filtering and sorting of the portal's tables and trees. Without this script they are plain, complete and in order.
// What is filtered and sorted by stands in the address, so that it can be sent to somebody, and Back takes it back.
(() => {
  "use strict";

  // Of a longer table only so many rows stand open, until all are asked for.
  const LONG = 150;
  const FIRST = 100;
  // Rows put into the page at once, so that no click freezes it.
  const AT_ONCE = 100;
  // Parts of a table that are fetched side by side.
  const SIDE_BY_SIDE = 6;
  const slug = (text) => text.trim().toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  const wordsOf = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);

  // ---- The address ----

  // A page's lists, each with the names of its parameters. `read` is called with what the address says of them.
  let lists = [];

  function parametersOf(list) {
    const all = new URLSearchParams(location.search);
    return new Map(list.names().map((name) => [name, all.get(list.prefix + name) ?? ""]));
  }

  // One entry of the history for each thing done: typing a word is one, so only its first letter adds an entry.
  function writeAddress(list, values, isNew) {
    const all = new URLSearchParams(location.search);
    for (const [name, value] of values) {
      if (value) all.set(list.prefix + name, value);
      else all.delete(list.prefix + name);
    }
    const query = all.toString();
    const url = location.pathname + (query ? `?${query}` : "") + location.hash;
    if (url === location.pathname + location.search + location.hash) return;
    try {
      history[isNew ? "pushState" : "replaceState"](history.state, "", url);
    } catch {
      // A page opened as a file may not change its address in some browsers.
    }
  }

  addEventListener("popstate", () => {
    for (const list of lists) if (list.element.isConnected) list.read(parametersOf(list));
  });
  addEventListener("hashchange", () => {
    for (const list of lists) if (list.element.isConnected) list.reveal?.(location.hash);
  });

  // ---- The search ----

  function addSearchPrompts() {
    for (const place of document.querySelectorAll(".gg [data-gg-prompt]:not([data-gg-ready])")) {
      if (!window.gitguardSearch?.open) continue;
      place.dataset.ggReady = "";
      const button = document.createElement("button");
      button.type = "button";
      button.className = "gg-search-prompt";
      button.textContent = place.dataset.ggPrompt;
      button.addEventListener("click", () => window.gitguardSearch.open());
      place.append(button);
    }
  }

  // ---- Pieces ----

  function filterBox(what) {
    const box = document.createElement("div");
    box.className = "gg-filter";
    const input = document.createElement("input");
    input.type = "search";
    input.placeholder = `Filter ${what}`;
    input.setAttribute("aria-label", `Filter ${what}`);
    input.autocomplete = "off";
    const status = document.createElement("span");
    status.className = "gg-muted";
    status.setAttribute("role", "status");
    // Material opens its own search on "f", "s" and "/"; a key typed here is meant for the filter.
    input.addEventListener("keydown", (event) => event.stopPropagation());
    box.append(input, status);
    return { box, input, status };
  }

  // Where else to look, when nothing fits: further lists of the same kind, and the search.
  function addElsewhere(element, text) {
    element.replaceChildren("No match here.");
    const places = [...document.querySelectorAll(".gg [data-gg-elsewhere] a")];
    places.forEach((place, number) => {
      const link = document.createElement("a");
      const url = new URL(place.href);
      url.searchParams.set("filter", text);
      link.href = url;
      link.textContent = place.dataset.ggName ?? place.textContent;
      element.append(number ? ", " : " Look in ", link);
    });
    if (places.length) element.append(".");
    if (!text || !window.gitguardSearch?.open) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "gg-more";
    button.textContent = `Search the whole portal for \u201c${text}\u201d`;
    button.addEventListener("click", () => window.gitguardSearch.open(text));
    element.append(" ", button);
  }

  // ---- Tables ----

  // The other parts of a long table stand on further pages of the site, which are its shards.
  function partsOf(table) {
    const parts = table.previousElementSibling;
    if (!parts?.matches(".gg-parts[data-gg-of]")) return { name: "", urls: [] };
    const { ggName, ggOf, ggPart, ggFirst, ggOther } = parts.dataset;
    const urls = [];
    for (let number = 1; number <= Number(ggOf); number += 1) {
      if (number === Number(ggPart)) urls.push("");
      else if (number === 1) urls.push(new URL(ggFirst, location.href).href);
      else urls.push(new URL(ggOther.replace(/page-\d+/, `page-${number}`), location.href).href);
    }
    return { name: ggName, urls };
  }

  async function rowsAt(url, name) {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const table = page.querySelector(`.gg-parts[data-gg-name="${CSS.escape(name)}"] ~ table[data-gg-table]`);
    for (const link of table.querySelectorAll("a[href]")) link.href = new URL(link.getAttribute("href"), url).href;
    return [...table.tBodies[0].rows].map((row) => document.importNode(row, true));
  }

  // What a cell is filtered by: of several values, a line each, any.
  function facetsOf(row, column) {
    const cell = row.cells[column];
    return cell.dataset.facet?.split("\n") ?? [cell.textContent.trim()];
  }

  class Table {
    constructor(table, prefix) {
      this.element = this.table = table;
      this.prefix = prefix;
      this.headers = [...table.tHead.rows[0].cells];
      this.rows = [...table.tBodies[0].rows];
      this.texts = new Map();
      this.own = this.rows;
      this.parts = partsOf(table);
      this.urls = this.parts.urls;
      this.most = this.rows.length > LONG ? FIRST : Infinity;
      this.pages = this.urls.length > 1 ? this.urls.length : 0;
      this.first = this.headers.find((header) => header.hasAttribute("aria-sort")) ?? null;
      this.firstOrder = this.first?.getAttribute("aria-sort") ?? "";
      this.sorted = { header: this.first, order: this.firstOrder };
      this.names = () => ["filter", "sort", ...this.facets.map((facet) => facet.name)];
      Object.assign(this, filterBox(table.dataset.ggTable));
      this.facets = this.headers.filter((header) => header.hasAttribute("data-gg-facet")).map((header) => this.facet(header));
      this.status.before(...this.facets.map((facet) => facet.select));
      this.fillFacets();
      this.more = document.createElement("button");
      this.more.type = "button";
      this.more.className = "gg-more";
      this.elsewhere = document.createElement("p");
      this.elsewhere.className = "gg-empty";
      this.elsewhere.hidden = true;
      this.place();
      this.listen();
    }

    place() {
      const scroll = document.createElement("div");
      scroll.className = "gg-scroll";
      this.table.before(this.box, scroll);
      scroll.append(this.table);
      scroll.after(this.elsewhere, this.more);
    }

    listen() {
      let isTyping = false;
      this.input.addEventListener("focus", () => (isTyping = false));
      this.input.addEventListener("input", () => {
        this.changed(!isTyping);
        isTyping = true;
      });
      for (const facet of this.facets) {
        facet.select.addEventListener("focus", () => this.load().catch(() => {}));
        facet.select.addEventListener("change", () => this.changed(true));
      }
      for (const header of this.headers) {
        if (!header.dataset.ggSort) continue;
        const button = document.createElement("button");
        button.type = "button";
        button.append(...header.childNodes);
        header.append(button);
        button.addEventListener("click", () => this.sortBy(header));
      }
      this.more.addEventListener("click", () => {
        const next = this.fitting[this.most];
        this.most = Infinity;
        // Widths are settled, so that rows that come do not lay out those that are there again.
        for (const header of this.headers) header.style.width = `${header.offsetWidth}px`;
        this.table.style.tableLayout = innerWidth < 720 ? "" : "fixed";
        this.show(() => next?.querySelector("a")?.focus());
      });
      // On paper there is no button to ask for more.
      matchMedia("print").addEventListener("change", ({ matches }) => (matches ? this.fill(this.fitting, Infinity) : this.show()));
    }

    facet(header) {
      const name = header.dataset.ggFacet || header.textContent.trim();
      const select = document.createElement("select");
      select.setAttribute("aria-label", name);
      return { name: slug(name), label: name, select, column: this.headers.indexOf(header) };
    }

    fillFacets() {
      for (const { select, column, label } of this.facets) {
        const chosen = select.value;
        const values = [...new Set(this.rows.flatMap((row) => facetsOf(row, column)))].sort();
        select.replaceChildren(new Option(`Any ${/^[A-Z]{2}/.test(label) ? label : label.toLowerCase()}`, ""));
        for (const value of values) select.append(new Option(value || "none", value));
        select.value = values.includes(chosen) ? chosen : "";
        select.hidden = values.length < 2 && !this.pages;
      }
    }

    // Takes the rows of the other parts in, once.
    load() {
      if (!this.pages) return Promise.resolve();
      this.loading ??= this.loadAll();
      return this.loading;
    }

    async loadAll() {
      const parts = this.urls.map((url) => (url ? null : this.rows));
      const waiting = [...this.urls.keys()].filter((number) => this.urls[number]);
      this.status.textContent = "Loading all pages of this table\u2026";
      const work = async () => {
        for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
          parts[number] = await rowsAt(this.urls[number], this.parts.name);
        }
      };
      await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
      this.rows = parts.flat();
      this.pages = 0;
      if (this.most === Infinity && this.rows.length > LONG) this.most = FIRST;
      this.fillFacets();
    }

    get isNarrowed() {
      return Boolean(this.input.value.trim()) || this.facets.some((facet) => facet.select.value);
    }

    get isAsWritten() {
      return this.sorted.header === this.first && this.sorted.order === this.firstOrder;
    }

    sortBy(header) {
      const isNumber = header.dataset.ggSort === "number";
      // Numbers and moments are wanted largest first, words from A.
      const first = header.dataset.ggFirst ?? (isNumber ? "descending" : "ascending");
      const other = first === "ascending" ? "descending" : "ascending";
      this.sorted = { header, order: header.getAttribute("aria-sort") === first ? other : first };
      this.changed(true);
    }

    // What the user has chosen is put into the address and shown.
    changed(isNew) {
      const { header, order } = this.sorted;
      const sort = this.isAsWritten || !header ? "" : (order === "descending" ? "-" : "") + slug(header.textContent);
      const facets = this.facets.map(({ name, select }) => [name, select.value]);
      writeAddress(this, new Map([["filter", this.input.value.trim()], ["sort", sort], ...facets]), isNew);
      this.update();
    }

    // What the address says is chosen and shown.
    read(values) {
      this.input.value = values.get("filter");
      const sort = values.get("sort");
      const name = sort.replace(/^-/, "");
      const header = this.headers.find((one) => one.dataset.ggSort && slug(one.textContent) === name);
      this.sorted = header
        ? { header, order: sort.startsWith("-") ? "descending" : "ascending" }
        : { header: this.first, order: this.firstOrder };
      for (const { name: facet, select } of this.facets) {
        const value = values.get(facet);
        if (value && ![...select.options].some((option) => option.value === value)) select.append(new Option(value, value));
        select.value = value;
      }
      this.update();
    }

    async update() {
      if (this.pages && (this.isNarrowed || !this.isAsWritten)) {
        try {
          await this.load();
        } catch {
          // As from a file, or without a network: what is on this page is all there is to look at.
          this.pages = 0;
          this.isPart = true;
        }
      }
      for (const header of this.headers) header.removeAttribute("aria-sort");
      this.sorted.header?.setAttribute("aria-sort", this.sorted.order);
      this.show();
    }

    textOf(row) {
      let text = this.texts.get(row);
      if (text !== undefined) return text;
      // What a chart says in words is not what one filters by.
      const cells = [...row.cells].filter((cell) => !cell.querySelector("svg"));
      text = cells.map((cell) => cell.textContent).join(" ").toLowerCase();
      this.texts.set(row, text);
      return text;
    }

    valueOf(row) {
      const cell = row.cells[this.headers.indexOf(this.sorted.header)];
      const text = cell.dataset.value ?? cell.querySelector("time")?.dateTime ?? cell.textContent.trim();
      const isNumber = this.sorted.header.dataset.ggSort === "number";
      return isNumber ? Number.parseFloat(text.replace(/[^\d.-]/g, "")) || 0 : text.toLowerCase();
    }

    get chosen() {
      if (!this.isNarrowed && this.isAsWritten) return this.own;
      const words = wordsOf(this.input.value);
      const facets = this.facets.filter((facet) => facet.select.value);
      const rows = this.rows.filter(
        (row) =>
          words.every((word) => this.textOf(row).includes(word)) &&
          facets.every((facet) => facetsOf(row, facet.column).includes(facet.select.value)),
      );
      if (this.isAsWritten || !this.sorted.header) return rows;
      const sign = this.sorted.order === "ascending" ? 1 : -1;
      const keyed = rows.map((row) => [this.valueOf(row), row]);
      keyed.sort(([a], [b]) => (a < b ? -sign : a > b ? sign : 0));
      return keyed.map(([, row]) => row);
    }

    show(done) {
      this.fitting = this.chosen;
      const number = this.fitting.length.toLocaleString("en");
      const what = this.table.dataset.ggTable;
      const isCut = this.fitting.length > this.most;
      this.fill(this.fitting.slice(0, isCut ? this.most : undefined), AT_ONCE, done);
      const all = this.rows.length.toLocaleString("en");
      const found = isCut ? `${number} found, the first ${this.most} shown` : `${number} of ${all} shown`;
      this.status.textContent = this.isNarrowed ? found + (this.isPart ? " on this page" : "") : "";
      this.more.hidden = !isCut;
      this.more.textContent = `Show all ${number} ${what}${this.fitting === this.own && this.urls.length > 1 ? " on this page" : ""}`;
      this.table.hidden = this.elsewhere.hidden = false;
      if (this.fitting.length) this.elsewhere.hidden = true;
      else {
        this.table.hidden = true;
        addElsewhere(this.elsewhere, this.input.value.trim());
      }
    }

    // Puts rows into the table: at once those of the first screens, the rest in each frame some more, in a body of their
    // own: a browser lays out the one that has come, and not again those that were there.
    fill(rows, atOnce = AT_ONCE, done = undefined) {
      const [first, ...others] = this.table.tBodies;
      const turn = (this.turn = {});
      for (const body of others) body.remove();
      first.replaceChildren(...rows.slice(0, atOnce));
      let next = atOnce;
      const add = () => {
        if (this.turn !== turn) return;
        const body = document.createElement("tbody");
        body.append(...rows.slice(next, next + AT_ONCE));
        this.table.append(body);
        next += AT_ONCE;
        if (next < rows.length) requestAnimationFrame(add);
        else done?.();
      };
      if (next < rows.length) requestAnimationFrame(add);
      else done?.();
    }

    // A row that a link leads to is among those that are shown.
    reveal(hash) {
      const id = decodeURIComponent(hash.slice(1));
      if (!id || document.getElementById(id)) return;
      const row = this.rows.find((one) => one.id === id || one.querySelector(`#${CSS.escape(id)}`));
      if (!row) return;
      this.most = Infinity;
      this.show(() => document.getElementById(id)?.scrollIntoView());
    }
  }

  // ---- Trees ----

  class Tree {
    constructor(tree, prefix) {
      this.element = tree;
      this.prefix = prefix;
      this.names = () => ["filter"];
      this.folders = [...tree.querySelectorAll("details")];
      this.wasOpen = new Map(this.folders.map((folder) => [folder, folder.open]));
      const nameOf = (element) => element.querySelector(".gg-file")?.textContent.trim() ?? "";
      this.entries = [...tree.querySelectorAll(".gg-entry")].map((element) => {
        let path = nameOf(element);
        for (let at = element.parentElement.closest("details"); at; at = at.parentElement.closest("details")) {
          path = nameOf(at.querySelector("summary")) + path;
        }
        return { element, path: path.toLowerCase() };
      });
      Object.assign(this, filterBox(tree.dataset.ggTree));
      tree.before(this.box);
      let isTyping = false;
      this.input.addEventListener("focus", () => (isTyping = false));
      this.input.addEventListener("input", () => {
        writeAddress(this, new Map([["filter", this.input.value.trim()]]), !isTyping);
        isTyping = true;
        this.show();
      });
    }

    read(values) {
      this.input.value = values.get("filter");
      this.show();
    }

    show() {
      const words = wordsOf(this.input.value);
      let number = 0;
      for (const { element, path } of this.entries) {
        element.hidden = !words.every((word) => path.includes(word));
        number += element.hidden ? 0 : 1;
      }
      for (const folder of this.folders) {
        folder.hidden = !folder.querySelector(".gg-entry:not([hidden])");
        folder.open = words.length ? !folder.hidden : this.wasOpen.get(folder);
      }
      this.status.textContent = words.length ? `${number.toLocaleString("en")} of ${this.entries.length.toLocaleString("en")} shown` : "";
    }
  }

  // ---- Counts ----

  // A count beside a table narrows it to what is counted. A script of another kind may listen to the facet's change.
  function addNarrowing() {
    for (const counted of document.querySelectorAll(".gg [data-gg-narrow]:not(button)")) {
      const name = counted.dataset.ggNarrow;
      const facets = [...document.querySelectorAll(".gg .gg-filter select")];
      const facet = facets.find((select) => select.getAttribute("aria-label").toLowerCase() === name);
      const value = counted.textContent.trim();
      const option = facet && [...facet.options].find((one) => one.value.toLowerCase() === value.toLowerCase());
      if (!option) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = `gg-narrow ${counted.className}`.trim();
      button.title = `Show only these below`;
      button.append(...counted.childNodes);
      button.addEventListener("click", () => {
        facet.value = facet.value === option.value ? "" : option.value;
        facet.dispatchEvent(new Event("change", { bubbles: true }));
        facet.scrollIntoView({ block: "nearest" });
      });
      counted.replaceWith(button);
    }
  }

  // ---- Lines of a source ----

  /* Where no script runs the style sheet numbers them. */
  function linkLines() {
    for (const source of document.querySelectorAll(".gg-source[data-gg-lines^=http]:not([data-gg-linked])")) {
      source.dataset.ggLinked = "";
      const code = source.querySelector("code");
      let number = Number.parseInt(code.style.counterReset.split(" ")[1], 10);
      for (const line of code.children) {
        number += 1;
        const link = document.createElement("a");
        link.className = "gg-ln";
        link.dataset.line = number;
        link.href = source.dataset.ggLines.replace("{line}", number);
        link.rel = "noreferrer";
        link.tabIndex = -1;
        link.ariaLabel = `Line ${number} on its forge`;
        line.prepend(link);
      }
    }
  }

  // ---- Moments ----

  /* A day says its time of day in a tooltip. */
  document.addEventListener("pointerover", ({ target }) => {
    const time = target.closest?.(".gg time[datetime*=T]:not([title])");
    if (time) time.title = `${time.dateTime.slice(0, 16).replace("T", " ")} UTC`;
  });

  // ---- Pages ----

  function setUp() {
    addSearchPrompts();
    const ours = [...document.querySelectorAll(".gg table[data-gg-table]:not([data-gg-ready]), .gg [data-gg-tree]:not([data-gg-ready])")];
    const listed = ours.filter((element) => !element.tBodies || element.tBodies[0].rows.length > 1);
    lists = lists.filter((list) => list.element.isConnected);
    for (const element of ours) element.dataset.ggReady = "";
    for (const element of listed) {
      const name = element.dataset.ggTable ?? element.dataset.ggTree;
      const prefix = listed.length > 1 ? `${slug(name)}.` : "";
      const list = element.tBodies ? new Table(element, prefix) : new Tree(element, prefix);
      lists.push(list);
      list.read(parametersOf(list));
      list.reveal?.(location.hash);
    }
    addNarrowing();
    linkLines();
  }

  // Material's instant navigation replaces the page without loading it: its observable tells of each new one.
  if (window.document$) window.document$.subscribe(setUp);
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", setUp);
  else setUp();
})();
