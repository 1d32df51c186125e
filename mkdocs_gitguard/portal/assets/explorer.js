/* The graph explorer: reads the static Graph API, nothing else. Each `href` counts from the file it stands in. */
(() => {
  "use strict";
  const BOXES = 9; // on each side of the drawing; the lists below hold all
  const LISTED = 100; // of one relation, before "Show more"
  const FOUND = 30;
  const SVG = "http://www.w3.org/2000/svg";

  const element = (name, text = "", attributes = {}) => {
    const made = document.createElement(name);
    made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };
  const drawn = (name, attributes = {}, text = "") => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return made;
  };
  const words = (relation) => relation.replaceAll("_", " ");
  /* Pull requests newest first; all else stays as it came. */
  const number = (end) => Number(/^#(\d+) /.exec(end.label)?.[1] ?? 0);
  const newest = (ends) => ends.sort((a, b) => number(b) - number(a));
  /* Whole words, so that what is seen is part of what a screen reader says. */
  const cut = (text, longest) =>
    text.length > longest ? `${text.slice(0, longest - 1).replace(/(\S)\s+\S*$/, "$1")} \u2026` : text;

  const CONTROLS = `
    <form class="gg-explorer-search" role="search">
    <label for="gg-explorer-input">Search</label>
    <input id="gg-explorer-input" type="search" role="combobox" aria-expanded="false" aria-controls="gg-explorer-found"
      aria-autocomplete="list" autocomplete="off" spellcheck="false" placeholder="Repository, owner, pull request, policy\u2026">
    <ul id="gg-explorer-found" role="listbox" aria-label="Found nodes" hidden></ul>
    </form>
    <fieldset class="gg-explorer-kinds"><legend>Kinds</legend></fieldset>
    <nav class="gg-explorer-trail" aria-label="Where you came from"></nav>
    <p class="gg-explorer-says" role="status" aria-live="polite">Loading\u2026</p>
    <div class="gg-explorer-stage"></div>
    <div class="gg-explorer-list"></div>`;

  const run = async (root) => {
    if (root.dataset.ggReady) return;
    root.dataset.ggReady = "1";
    root.innerHTML = CONTROLS; // a constant; what comes from outside is set as text only
    const part = (name) => root.querySelector(`.gg-explorer-${name}`);
    const input = root.querySelector("input");
    const found = root.querySelector("#gg-explorer-found");
    const hidden = new Set();
    const trail = [];
    let known = []; // {id, label, href, kind}: every node, filled kind by kind
    let here = null;
    let asked = 0;

    const say = (text) => (part("says").textContent = text);
    const read = async (url) => {
      const response = await fetch(url);
      if (!response.ok) throw new Error(`${url.pathname} answered ${response.status}`);
      return response.json();
    };

    /* A node's own file, or the shard in which it stands under its id. */
    const open = async (href, id, { remember = true } = {}) => {
      const mine = ++asked;
      const url = new URL(href, root.dataset.base);
      say("Loading\u2026");
      let node;
      try {
        const document_ = await read(url);
        node = document_.nodes ? document_.nodes[id] : document_;
        if (!node) throw new Error(`${id} is not in ${url.pathname}`);
      } catch (error) {
        say(`It could not be read: ${error.message}.`);
        return;
      }
      if (mine !== asked) return;
      if (remember && here && here.id !== node.id) trail.push({ id: here.id, label: here.label, href: here.url.href });
      const absolute = (end) => ({ ...end, href: new URL(end.href, url).href, page: end.page && new URL(end.page, url).href });
      here = { ...node, url, page: node.page && new URL(node.page, url).href, relations: node.relations.map(absolute) };
      history.replaceState(history.state, "", `#${encodeURIComponent(node.id)}`);
      show();
    };

    /* The pages of all relations, of a node that has more than its file shows. */
    const readAll = async () => {
      const mine = ++asked;
      const relations = [];
      let url = new URL(here.all_relations, here.url);
      try {
        while (url) {
          say(`Loading\u2026 ${relations.length.toLocaleString()} relations.`);
          const page = await read(url);
          if (mine !== asked) return;
          for (const end of page.relations) relations.push({ ...end, href: new URL(end.href, url).href });
          url = page.next && new URL(page.next, url);
        }
      } catch (error) {
        say(`It could not be read: ${error.message}.`);
        return;
      }
      here.relations = relations;
      show();
    };

    const ends = () => here.relations.filter((end) => !hidden.has(end.kind));
    const total = () => Object.values(here.relation_counts).reduce((sum, one) => sum + one, 0);
    const go = (end) => open(end.href, end.id);

    const show = () => {
      const all = ends();
      const count = total();
      const some = here.relations.length < count ? ` ${here.relations.length.toLocaleString()} of them are shown.` : "";
      say(`${here.label}: ${count.toLocaleString()} ${count === 1 ? "relation" : "relations"}.${some}`);
      const steps = part("trail");
      steps.replaceChildren();
      for (const [place, step] of trail.entries()) {
        const back = element("button", cut(step.label, 40), { type: "button" });
        back.addEventListener("click", () => {
          trail.length = place;
          open(step.href, step.id, { remember: false });
        });
        steps.append(back, " \u203a ");
      }
      steps.append(element("strong", cut(here.label, 60)));
      draw(all);
      list(all);
    };

    const draw = (all) => {
      const one = new Map(all.map((end) => [`${end.type} ${end.id}`, end]));
      /* Relations of every type get a place before any gets all. */
      const queues = new Map();
      for (const end of one.values()) queues.set(end.type, [...(queues.get(end.type) ?? []), end]);
      queues.forEach(newest);
      const picked = [];
      for (let turn = 0; picked.length < Math.min(2 * BOXES, one.size); turn++)
        for (const queue of queues.values()) if (queue[turn] && picked.length < 2 * BOXES) picked.push(queue[turn]);
      const order = [...queues.keys()];
      picked.sort((a, b) => order.indexOf(a.type) - order.indexOf(b.type));
      const half = picked.length <= 5 ? picked.length : Math.ceil(picked.length / 2);
      const right = picked.slice(0, half);
      const left = picked.slice(half);
      const rows = Math.max(left.length, right.length, 2);
      const height = rows * 44 + 30;
      const svg = drawn("svg", { viewBox: `0 0 900 ${height}`, role: "group", "aria-label": `${here.label} and its neighbours` });
      const middle = height / 2;
      const box = (x, y, label, kind, act) => {
        const group = drawn("g", { transform: `translate(${x},${y})` });
        group.style.setProperty("--gg-kind", `var(--gg-kind-${kind}, var(--gg-faint))`);
        group.style.setProperty("--gg-kind-fill", "color-mix(in srgb, var(--gg-kind) 16%, var(--gg-back))");
        group.append(drawn("title", {}, `${kind}: ${label}`));
        group.append(drawn("rect", { x: -125, y: -16, width: 250, height: 32, rx: 6 }));
        group.append(drawn("text", { "text-anchor": "middle", y: 5 }, cut(label, 34)));
        if (act) {
          group.setAttribute("tabindex", "0");
          group.setAttribute("role", "button");
          group.setAttribute("aria-label", `${label} (${kind.replace("-", " ")})`);
          group.addEventListener("click", act);
          group.addEventListener("keydown", (event) => {
            if (event.key !== "Enter" && event.key !== " ") return;
            event.preventDefault();
            act();
          });
        }
        svg.append(group);
      };
      const place = (column, x, from, to) => {
        for (const [row, end] of column.entries()) {
          const y = middle + (row - (column.length - 1) / 2) * 44;
          const bend = (from + to) / 2;
          svg.append(drawn("path", { d: `M${from},${y}C${bend},${y} ${bend},${middle} ${to},${middle}` }));
          const words_ = words(end.type);
          svg.append(drawn("text", { x: from + (to > from ? 6 : -6), y: y - 4, class: "gg-relation", "text-anchor": to > from ? "start" : "end" }, words_));
          box(x, y, end.label, end.kind, () => go(end));
        }
      };
      place(left, 130, 255, 325);
      place(right, 770, 645, 575);
      box(450, middle, here.label, here.kind);
      part("stage").replaceChildren(svg);
    };

    const list = (all) => {
      const area = part("list");
      area.replaceChildren();
      const links = element("p");
      if (here.page) links.append(element("a", "Open its page", { href: here.page }), " \u00b7 ");
      links.append(element("a", "Its JSON", { href: here.url.href }));
      area.append(links);
      const count = total();
      if (here.relations.length < count) {
        const more = element("button", `Show all ${count.toLocaleString()} relations`, { type: "button" });
        more.addEventListener("click", readAll);
        area.append(more);
      }
      const groups = new Map();
      for (const end of all) groups.set(end.type, [...(groups.get(end.type) ?? []), end]);
      for (const [relation, group] of groups) {
        newest(group);
        const of = here.relations.length < count ? ` of ${here.relation_counts[relation].toLocaleString()}` : "";
        area.append(element("h2", `${words(relation)} (${group.length.toLocaleString()}${of})`));
        const items = element("ul");
        const fill = (from) => {
          for (const end of group.slice(from, from + LISTED)) {
            const item = element("li");
            const walk = element("button", end.label, { type: "button" });
            walk.prepend(element("span", "", { class: `gg-hue gg-hue-${end.kind}` }));
            walk.addEventListener("click", () => go(end));
            item.append(walk);
            items.append(item);
          }
          if (from + LISTED < group.length) {
            const item = element("li");
            const more = element("button", `Show more of ${group.length.toLocaleString()}`, { type: "button" });
            more.addEventListener("click", () => {
              item.remove();
              fill(from + LISTED);
            });
            item.append(more);
            items.append(item);
          }
        };
        fill(0);
        area.append(items);
      }
    };

    /* Search: what all words are in, names that start so first. */
    let matches = [];
    let chosen = -1;
    const close = () => {
      found.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
      chosen = -1;
    };
    const choose = (place) => {
      chosen = place;
      [...found.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === place)));
      found.children[place]?.scrollIntoView({ block: "nearest" });
      if (place >= 0) input.setAttribute("aria-activedescendant", `gg-explorer-${place}`);
    };
    const take = (place) => {
      const node = matches[place];
      if (!node) return;
      close();
      input.value = "";
      open(node.href, node.id);
    };
    const search = () => {
      const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      if (!wanted.length) return close();
      const rank = (node) => (node.text.startsWith(wanted[0]) ? 0 : node.text.includes(`/${wanted[0]}`) ? 1 : 2);
      matches = known
        .filter((node) => !hidden.has(node.kind) && wanted.every((word) => node.text.includes(word)))
        .slice(0, 2000)
        .sort((a, b) => rank(a) - rank(b))
        .slice(0, FOUND);
      found.replaceChildren(
        ...matches.map((node, place) => {
          const item = element("li", node.label, { role: "option", id: `gg-explorer-${place}`, "aria-selected": "false" });
          item.prepend(element("span", "", { class: `gg-hue gg-hue-${node.kind}` }));
          item.append(element("span", ` ${node.kind.replace("-", " ")}`, { class: "gg-muted" }));
          item.addEventListener("pointerdown", (event) => {
            event.preventDefault();
            take(place);
          });
          return item;
        }),
      );
      if (!matches.length) found.append(element("li", "Nothing found", { "aria-disabled": "true" }));
      found.hidden = false;
      input.setAttribute("aria-expanded", "true");
      choose(matches.length ? 0 : -1);
    };
    input.addEventListener("input", search);
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        choose((chosen + (event.key === "ArrowDown" ? 1 : -1) + matches.length) % Math.max(1, matches.length));
      }
    });
    root.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      take(Math.max(0, chosen));
    });

    try {
      const indexUrl = new URL(root.dataset.index, document.baseURI);
      root.dataset.base = indexUrl.href;
      const index = await read(indexUrl);
      const full = index.kinds.filter((kind) => kind.count);
      for (const kind of full) {
        const label = element("label");
        const check = element("input", "", { type: "checkbox" });
        check.checked = true;
        check.addEventListener("change", () => {
          if (check.checked) hidden.delete(kind.kind);
          else hidden.add(kind.kind);
          if (here) show();
        });
        label.append(check, " ", element("span", "", { class: `gg-hue gg-hue-${kind.kind}` }), kind.kind.replace("-", " "));
        part("kinds").append(label);
      }
      /* Lists of kinds come in pages; small kinds first, so that repositories are found at once. */
      const load = async () => {
        for (const kind of [...full].sort((a, b) => a.count - b.count)) {
          let url = new URL(kind.href, indexUrl);
          while (url) {
            const page = await read(url);
            for (const { id, label, href } of page.items)
              known.push({ id, label, kind: page.kind, href: new URL(href, url).href, text: `${label} ${id}`.toLowerCase() });
            url = page.next && new URL(page.next, url);
          }
        }
        root.dataset.loaded = String(known.length);
      };
      const loading = load();
      const wanted = decodeURIComponent(location.hash.slice(1)) || root.dataset.start;
      const lookUp = async () => known.find((node) => node.id === wanted);
      let first = await lookUp();
      for (let tries = 0; !first && !root.dataset.loaded && tries < 200; tries++) {
        await new Promise((resolve) => setTimeout(resolve, 25));
        first = await lookUp();
      }
      first ??= known[0];
      if (first && !here) await open(first.href, first.id, { remember: false });
      await loading;
    } catch (error) {
      say(`The Graph API could not be read: ${error.message}. It needs a web server: file:// pages may not fetch.`);
    }
  };

  const start = () => document.querySelectorAll("[data-gg-explorer]").forEach(run);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
