// Sorting and filtering of the portal's tables. Without this script they are plain tables, complete and in order.
(() => {
  "use strict";

  let number = 0;

  // A column whose header is marked `data-gg-facet` can be narrowed to one of its values.
  function addFacets(table, rows) {
    return [...table.tHead.rows[0].cells]
      .map((header, column) => ({ header, column }))
      .filter(({ header }) => header.hasAttribute("data-gg-facet"))
      .map(({ header, column }) => {
        const values = rows.map((row) => row.cells[column].textContent.trim());
        const select = document.createElement("select");
        const name = header.textContent.trim();
        select.setAttribute("aria-label", name);
        select.append(new Option(`Any ${name.toLowerCase()}`, ""));
        for (const value of [...new Set(values)].sort()) select.append(new Option(value, value));
        return { select, values };
      })
      .filter(({ select }) => select.options.length > 2);
  }

  function addFilter(table) {
    const what = table.dataset.ggTable;
    const rows = [...table.tBodies[0].rows];
    const texts = rows.map((row) => row.textContent.toLowerCase());
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

    function narrow() {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      const chosen = facets.filter((facet) => facet.select.value);
      let shown = 0;
      rows.forEach((row, place) => {
        row.hidden = !(
          words.every((word) => texts[place].includes(word)) &&
          chosen.every((facet) => facet.values[place] === facet.select.value)
        );
        shown += row.hidden ? 0 : 1;
      });
      status.textContent = words.length || chosen.length ? `${shown} of ${rows.length} shown` : "";
    }
    input.addEventListener("input", narrow);
    for (const facet of facets) facet.select.addEventListener("change", narrow);
    // Material opens its own search on "f", "s" and "/"; a key typed here is meant for the filter.
    input.addEventListener("keydown", (event) => event.stopPropagation());
    return box;
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

  function addSorting(table) {
    [...table.tHead.rows[0].cells].forEach((header, column) => {
      if (!header.dataset.ggSort) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...header.childNodes);
      header.append(button);
      button.addEventListener("click", () => sortBy(table, header, column));
    });
  }

  function setUp() {
    for (const table of document.querySelectorAll(".gg table[data-gg-table]:not([data-gg-ready])")) {
      table.dataset.ggReady = "";
      if (table.tBodies[0].rows.length < 2) continue;
      addSorting(table);
      const scroll = document.createElement("div");
      scroll.className = "gg-scroll";
      table.before(addFilter(table), scroll);
      scroll.append(table);
    }
  }

  // Material's instant navigation replaces the page without loading it: its observable tells of each new one.
  if (window.document$) window.document$.subscribe(setUp);
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", setUp);
  else setUp();
})();
