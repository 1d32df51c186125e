// Sorting and filtering of the portal's tables. Without this script they are plain tables, complete and in order.
(() => {
  "use strict";

  // Of a longer table only so many rows stand open, until all are asked for.
  const LONG = 150;
  const FIRST = 100;
  let number = 0;

  // A column whose header is marked `data-gg-facet` can be narrowed to one of its values.
  function addFacets(table, rows) {
    return [...table.tHead.rows[0].cells]
      .map((header, column) => ({ header, column }))
      .filter(({ header }) => header.hasAttribute("data-gg-facet"))
      .map(({ header, column }) => {
        const values = new Map(rows.map((row) => [row, row.cells[column].textContent.trim()]));
        const select = document.createElement("select");
        const name = header.textContent.trim();
        select.setAttribute("aria-label", name);
        select.append(new Option(`Any ${name.toLowerCase()}`, ""));
        for (const value of [...new Set(values.values())].sort()) select.append(new Option(value, value));
        return { select, values };
      })
      .filter(({ select }) => select.options.length > 2);
  }

  function addFilter(table) {
    // The other parts of a long table are on further pages, which are not looked at.
    const isPart = table.previousElementSibling?.matches(".gg-parts");
    const what = table.dataset.ggTable + (isPart ? " on this page" : "");
    const rows = [...table.tBodies[0].rows];
    const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
    const id = `gg-filter-${(number += 1)}`;

    const box = document.createElement("div");
    box.className = "gg-filter";
    const input = document.createElement("input");
    input.type = "search";
    input.id = id;
    input.placeholder = `Filter ${what}`;
    input.setAttribute("aria-label", `Filter ${what}`);
    input.autocomplete = "off";
    const status = document.createElement("span");
    status.className = "gg-muted";
    status.setAttribute("role", "status");
    const facets = addFacets(table, rows);
    box.append(input, ...facets.map((facet) => facet.select), status);

    const more = document.createElement("button");
    more.type = "button";
    more.className = "gg-more";
    let most = rows.length > LONG ? FIRST : Infinity;

    function narrow() {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      const chosen = facets.filter((facet) => facet.select.value);
      let fitting = 0;
      // In their order of the moment: the first of them stand open.
      for (const row of table.tBodies[0].rows) {
        row.hidden = !(
          words.every((word) => texts.get(row).includes(word)) &&
          chosen.every((facet) => facet.values.get(row) === facet.select.value)
        );
        fitting += row.hidden ? 0 : 1;
        row.classList.toggle("gg-beyond", fitting > most);
      }
      const told = fitting > most ? `${fitting} found, the first ${most} shown` : `${fitting} of ${rows.length} shown`;
      status.textContent = words.length || chosen.length ? told : "";
      more.hidden = fitting <= most;
      more.textContent = `Show all ${fitting.toLocaleString("en")} ${what}`;
    }
    input.addEventListener("input", narrow);
    for (const facet of facets) facet.select.addEventListener("change", narrow);
    // Material opens its own search on "f", "s" and "/"; a key typed here is meant for the filter.
    input.addEventListener("keydown", (event) => event.stopPropagation());
    more.addEventListener("click", () => {
      const next = table.querySelector("tr.gg-beyond:not([hidden]) a");
      most = Infinity;
      narrow();
      next?.focus();
    });
    if (table.querySelector(":target")) most = Infinity;
    narrow();
    return { box, more, narrow };
  }

  function valueOf(row, column, kind) {
    const cell = row.cells[column];
    const text = cell.dataset.value ?? cell.textContent.trim();
    return kind === "number" ? Number.parseFloat(text.replace(/[^\d.-]/g, "")) || 0 : text.toLowerCase();
  }

  function sortBy(table, header, column) {
    const kind = header.dataset.ggSort;
    const was = header.getAttribute("aria-sort");
    // Numbers are wanted largest first, words from A.
    const first = kind === "number" ? "descending" : "ascending";
    const other = kind === "number" ? "ascending" : "descending";
    const order = was === first ? other : first;
    const sign = order === "ascending" ? 1 : -1;
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [valueOf(row, column, kind), row]);
    rows.sort(([a], [b]) => (a < b ? -sign : a > b ? sign : 0));
    body.append(...rows.map(([, row]) => row));
    for (const cell of table.tHead.rows[0].cells) cell.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", order);
  }

  function addSorting(table, sorted) {
    [...table.tHead.rows[0].cells].forEach((header, column) => {
      if (!header.dataset.ggSort) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...header.childNodes);
      header.append(button);
      button.addEventListener("click", () => {
        sortBy(table, header, column);
        sorted();
      });
    });
  }

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

  function setUp() {
    for (const table of document.querySelectorAll(".gg table[data-gg-table]:not([data-gg-ready])")) {
      table.dataset.ggReady = "";
      if (table.tBodies[0].rows.length < 2) continue;
      const { box, more, narrow } = addFilter(table);
      addSorting(table, narrow);
      const scroll = document.createElement("div");
      scroll.className = "gg-scroll";
      table.before(box, scroll);
      scroll.append(table);
      scroll.after(more);
    }
    addNarrowing();
  }

  // Material's instant navigation replaces the page without loading it: its observable tells of each new one.
  if (window.document$) window.document$.subscribe(setUp);
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", setUp);
  else setUp();
})();
