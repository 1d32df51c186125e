/* The graph explorer: reads the static Graph API, whose `href`s count from the file they stand in, and asks the portal's
   own search (search.js) what is meant. */
(() => {
  "use strict";
  const BOXES = 9; // on each side of the drawing; the lists below hold all
  const LISTED = 50; // of one relation, before "Show more"
  const FOUND = 30;
  const SVG = "http://www.w3.org/2000/svg";
  /* How a node stands to the other end, and on which side of the drawing that is: what it belongs to is on the left. */
  const RELATIONS = {
    part_of: ["part of", "left"],
    owned_by: ["owned by", "left"],
    authored_by: ["written by", "left"],
    member_of: ["member of", "left"],
    held_in: ["held in", "left"],
    subject_to: ["subject to", "left"],
    decided_by: ["decided by", "left"],
    excepts: ["exception from", "right"],
    excepted_by: ["has exception", "left"],
    touched_by: ["changed by", "left"],
    has_part: ["contains", "right"],
    owner_of: ["owns", "right"],
    author_of: ["wrote", "right"],
    has_member: ["has member", "right"],
    holds: ["holds", "right"],
    applies_to: ["applies to", "right"],
    decided: ["decided", "right"],
    touches: ["changes", "right"],
  };
  const KINDS = { organization: "organisation", exception: "exception from a policy", owner: "person or team", "pull-request": "pull request" };

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
  const wordsOf = (relation) => RELATIONS[relation]?.[0] ?? relation.replaceAll("_", " ");
  const sideOf = (relation) => RELATIONS[relation]?.[1] ?? "right";
  const kindOf = (kind) => KINDS[kind] ?? kind.replaceAll("-", " ");
  const counted = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
  const cut = (text, longest) => (text.length > longest ? `${text.slice(0, longest - 1).trimEnd()}\u2026` : text);

  /* What tells things of one label apart, by id: that part of their ids in which they differ. */
  const apart = (ends) => {
    const equals = new Map();
    for (const { id, label } of ends) {
      const key = label.toLowerCase();
      equals.set(key, (equals.get(key) ?? new Set()).add(id));
    }
    const hints = new Map();
    for (const ids of equals.values()) {
      if (ids.size < 2) continue;
      const parts = [...ids].map((id) => id.slice(id.indexOf(":") + 1).split(/(?<=[/#])/));
      const shortest = Math.min(...parts.map((part) => part.length));
      let same = 0;
      while (same < shortest - 1 && parts.every((part) => part[same] === parts[0][same])) same++;
      [...ids].forEach((id, place) => hints.set(id, parts[place].slice(same).join("")));
    }
    return hints;
  };

  /* The path of a node's own file, as `path_of` in mkdocs_gitguard/model/ids.py makes it of all ids but odd ones. */
  const pathOf = (id) =>
    id
      .replace(":", "/")
      .split("/")
      .map((segment) =>
        [...segment]
          .map((character) => {
            if (/[a-z0-9\-_.]/.test(character)) return character;
            if (/[A-Z]/.test(character)) return `!${character.toLowerCase()}`;
            return [...new TextEncoder().encode(character)].map((byte) => `~${byte.toString(16).padStart(2, "0")}`).join("");
          })
          .join(""),
      )
      .join("/");
  const shardOf = async (path, shards) => {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(path));
    return Math.floor((new DataView(digest).getUint32(0) * shards) / 2 ** 32) + 1;
  };

  /* Nodes walked over, the last one too. Material makes the page anew at the first step back: kept beyond that. */
  const trail = (window.ggExplorerTrail ??= []);

  const CONTROLS = `
    <form class="gg-explorer-search" role="search" aria-label="Nodes of the graph">
    <label for="gg-explorer-input">Go to</label>
    <input id="gg-explorer-input" type="search" role="combobox" aria-expanded="false" aria-controls="gg-explorer-found"
      aria-autocomplete="list" autocomplete="off" spellcheck="false" placeholder="Repository, owner, pull request, policy\u2026">
    <ul id="gg-explorer-found" role="listbox" aria-label="Found nodes" hidden></ul>
    </form>
    <fieldset class="gg-explorer-kinds"><legend>Show</legend></fieldset>
    <nav class="gg-explorer-trail" aria-label="Where you came from"></nav>
    <h2 class="gg-explorer-here" tabindex="-1"></h2>
    <p class="gg-explorer-says" role="status" aria-live="polite">Loading\u2026</p>
    <div class="gg-explorer-stage"></div>
    <div class="gg-explorer-list"></div>`;

  const run = (root) => {
    if (root.dataset.ggReady) return;
    root.dataset.ggReady = "1";
    root.innerHTML = CONTROLS; // a constant; what comes from outside is set as text only
    const part = (name) => root.querySelector(`.gg-explorer-${name}`);
    const input = root.querySelector("input");
    const options = root.querySelector("#gg-explorer-found");
    const indexUrl = new URL(root.dataset.index, document.baseURI);
    const title = document.title;
    const hidden = new Set();
    const places = new Map(); // id to the URL of the file that holds the node
    let here = null;
    let wanted = "";

    const say = (text) => (part("says").textContent = text);
    const read = async (url) => {
      const response = await fetch(url);
      if (response.status === 404) return null;
      if (!response.ok) throw new Error(`${url.pathname} answered ${response.status}`);
      if (!url.pathname.endsWith(".gz")) return response.json();
      /* Some hosts unpack what ends in .gz on the way, others send it as it is. */
      const data = await response.blob();
      const [first, second] = new Uint8Array(await data.slice(0, 2).arrayBuffer());
      const isPacked = first === 0x1f && second === 0x8b;
      return new Response(isPacked ? data.stream().pipeThrough(new DecompressionStream("gzip")) : data).json();
    };
    const remember = (ends, url) => {
      for (const end of ends) places.set(end.id, new URL(end.href, url));
    };

    let index = null;
    const kinds = async () => (await (index ??= read(indexUrl)))?.kinds.filter((kind) => kind.count) ?? [];
    const listOf = async function* (kind) {
      let url = new URL(kind.href, indexUrl);
      while (url) {
        const page = await read(url);
        remember(page.items, url);
        yield page.items;
        url = page.next && new URL(page.next, url);
      }
    };

    /* A node's own file, or what the shard holds under its id. */
    const nodeIn = async (url, id) => {
      const document_ = await read(url);
      const node = document_?.nodes ? document_.nodes[id] : document_;
      return node?.id === id ? { ...node, url } : null;
    };
    const look = async (id, hasPage) => {
      if (places.has(id)) return nodeIn(places.get(id), id);
      const name = id.slice(0, id.indexOf(":"));
      const kind = (await kinds()).find((one) => one.kind === name);
      if (!kind) return null;
      const path = `nodes/${pathOf(id)}.json`;
      const own = () => nodeIn(new URL(path, indexUrl), id);
      const shard = async () =>
        kind.shards && crypto.subtle
          ? nodeIn(new URL(`shards/${name}/${await shardOf(path, kind.shards)}.json.gz`, indexUrl), id)
          : null;
      for (const way of hasPage ? [own, shard] : [shard, own]) {
        const node = await way();
        if (node) return node;
      }
      for await (const items of listOf(kind)) if (items.some((item) => item.id === id)) return nodeIn(places.get(id), id);
      return null;
    };

    const open = async (id, { push = false, focus = true, hasPage = true } = {}) => {
      if (wanted === id) return;
      wanted = id;
      say("Loading\u2026");
      let node;
      try {
        node = await look(id, hasPage);
      } catch (error) {
        if (wanted !== id) return;
        wanted = "";
        say(`It could not be read: ${error.message}. It needs a web server: file:// pages may not fetch.`);
        return;
      }
      if (wanted !== id) return;
      if (push) history.pushState(null, "", `#node=${encodeURIComponent(id)}`);
      const before = trail.findIndex((step) => step.id === id);
      if (before >= 0) trail.length = before;
      if (node) trail.push({ id, label: node.label });
      here = node ? prepared(node) : null;
      if (here) show();
      else missing(id);
      if (focus) part("here").focus({ preventScroll: true });
    };
    const go = (id) => open(id, { push: true });

    const prepared = (node) => {
      remember(node.relations, node.url);
      const groups = new Map(
        Object.entries(node.relation_counts)
          .sort(([one], [other]) => Object.keys(RELATIONS).indexOf(one) - Object.keys(RELATIONS).indexOf(other))
          .map(([type, count]) => [type, { type, count, ends: [], next: node.relation_pages[type], base: node.url, shown: LISTED }]),
      );
      for (const end of node.relations) groups.get(end.type).ends.push(end);
      return { ...node, groups: [...groups.values()] };
    };

    const missing = (id) => {
      document.title = `Not found - ${title}`;
      part("here").textContent = id;
      say("This is not in the portal, or not any more.");
      part("stage").replaceChildren();
      const start = element("button", "Start at the organisation", { type: "button" });
      start.addEventListener("click", () => go(root.dataset.start));
      part("list").replaceChildren(start);
      steps();
    };

    const steps = () => {
      part("trail").replaceChildren(
        ...trail.filter((step) => step.id !== here?.id).slice(-6).flatMap((step) => {
          const back = element("button", cut(step.label, 40), { type: "button" });
          back.addEventListener("click", () => go(step.id));
          return [back, " \u203a "];
        }),
      );
    };

    const show = () => {
      const links = here.groups.reduce((sum, group) => sum + group.count, 0);
      document.title = `${here.label} - ${title}`;
      const heading = part("here");
      heading.replaceChildren(element("bdi", here.label), " ", element("span", kindOf(here.kind), { class: "gg-chip" }));
      say(`${here.label}: ${counted(links, "link")}.`);
      steps();
      const groups = here.groups.filter((group) => group.ends.some((end) => !hidden.has(end.kind)));
      draw(groups);
      list(groups);
    };
    const visible = (group) => group.ends.filter((end) => !hidden.has(end.kind));

    const draw = (groups) => {
      const sides = { left: [], right: [] };
      for (const group of groups) sides[sideOf(group.type)].push(group);
      const columns = Object.entries(sides).map(([side, members]) => [side, rowsOf(members)]);
      const height = Math.max(...columns.map(([, rows]) => rows.height), 60) + 20;
      const svg = drawn("svg", { viewBox: `0 0 900 ${height}`, role: "group", "aria-label": `${here.label} and its neighbours` });
      const middle = height / 2;
      for (const [side, { items, height: own }] of columns) {
        const isLeft = side === "left";
        const [x, from, to] = isLeft ? [135, 265, 320] : [765, 635, 580];
        let y = (height - own) / 2;
        for (const item of items) {
          if (item.heading) {
            svg.append(drawn("text", { x: isLeft ? 5 : 635, y: y + 16, class: "gg-relation" }, item.heading));
          } else {
            const at = y + item.height / 2;
            svg.append(drawn("path", { d: `M${from},${at}C${(from + to) / 2},${at} ${(from + to) / 2},${middle} ${to},${middle}` }));
            svg.append(box(x, at, item.end, item.lines, () => go(item.end.id)));
          }
          y += item.height;
        }
      }
      svg.append(box(450, middle, here, folded(here.label)));
      part("stage").replaceChildren(svg);
    };

    /* Every relation gets a place before any gets all. */
    const rowsOf = (groups) => {
      const lists = groups.map(visible);
      const taken = groups.map(() => 0);
      for (let left = BOXES, turn = 0; left > 0 && lists.some((ends) => ends.length > turn); turn++)
        lists.forEach((ends, place) => {
          if (left > 0 && ends.length > turn) [taken[place], left] = [turn + 1, left - 1];
        });
      const items = groups.flatMap((group, place) => {
        const ends = lists[place].slice(0, taken[place]);
        const hints = apart(ends);
        const some = ends.length < group.count ? `${ends.length} of ${group.count.toLocaleString("en")}` : group.count;
        return [
          { heading: `${wordsOf(group.type)} (${some})`, height: 24 },
          ...ends.map((end) => {
            const lines = [...folded(end.label), ...(hints.has(end.id) ? [{ hint: ending(hints.get(end.id)) }] : [])];
            return { end, lines, height: 24 + 15 * lines.length };
          }),
        ];
      });
      return { items, height: items.reduce((sum, item) => sum + item.height, 0) };
    };
    const ending = (text) => (text.length > 38 ? `\u2026${text.slice(-37)}` : text);
    const folded = (text) => {
      if (text.length <= 36) return [text];
      const at = Math.max(...[" ", "/", "-", "."].map((sign) => text.lastIndexOf(sign, 35))) + 1 || 36;
      return [text.slice(0, at), cut(text.slice(at), 36)];
    };
    const box = (x, y, node, lines, act) => {
      const height = 15 * lines.length + 14;
      const group = drawn("g", { transform: `translate(${x},${y})` });
      group.style.setProperty("--gg-kind", `var(--gg-kind-${node.kind}, var(--gg-faint))`);
      group.style.setProperty("--gg-kind-fill", "color-mix(in srgb, var(--gg-kind) 16%, var(--gg-back))");
      group.append(drawn("rect", { x: -130, y: -height / 2, width: 260, height, rx: 6 }));
      const text = drawn("text", { "text-anchor": "middle" });
      lines.forEach((line, place) => {
        const y = 15 * (place - (lines.length - 1) / 2) + 5;
        text.append(drawn("tspan", { x: 0, y, class: line.hint ? "gg-relation" : "" }, line.hint ?? line));
      });
      group.append(text);
      if (act) {
        group.setAttribute("tabindex", "0");
        group.setAttribute("role", "button");
        group.addEventListener("click", act);
        group.addEventListener("keydown", (event) => {
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          act();
        });
      }
      return group;
    };

    const list = (groups) => {
      const links = element("p");
      if (here.page) links.append(element("a", "Open its page", { href: new URL(here.page, here.url).href }), " \u00b7 ");
      links.append(element("a", "Its JSON", { href: here.url.href }));
      part("list").replaceChildren(links, ...groups.map((group) => section(group)));
    };

    const section = (group) => {
      const made = element("section");
      const ends = visible(group);
      const hints = apart(ends);
      made.append(element("h3", `${wordsOf(group.type)} (${group.count.toLocaleString("en")})`));
      const items = element("ul");
      for (const end of ends.slice(0, group.shown)) {
        const item = element("li");
        const walk = element("button", "", { type: "button" });
        walk.append(element("span", "", { class: `gg-hue gg-hue-${end.kind}` }), element("bdi", end.label));
        walk.addEventListener("click", () => go(end.id));
        item.append(walk);
        if (hints.has(end.id)) item.append(" ", element("bdi", hints.get(end.id), { class: "gg-sub" }));
        items.append(item);
      }
      made.append(items);
      if (ends.length > group.shown || group.ends.length < group.count) {
        const more = element("button", `Show more of ${group.count.toLocaleString("en")}`, { type: "button", class: "gg-more" });
        more.addEventListener("click", () => showMore(group, made));
        made.append(more);
      }
      return made;
    };

    const showMore = async (group, made) => {
      const centre = here;
      const first = group.shown;
      group.shown += LISTED;
      try {
        if (visible(group).length < group.shown && group.ends.length < group.count) await readOn(group);
      } catch (error) {
        say(`It could not be read: ${error.message}.`);
      }
      if (here !== centre) return;
      const again = section(group);
      made.replaceWith(again);
      again.querySelectorAll("li button")[Math.min(first, again.querySelectorAll("li").length - 1)]?.focus();
    };

    /* The relations' own pages: of what has a moment a whole year at once, since several pages share one. */
    const readOn = async (group) => {
      say("Loading\u2026");
      const seen = new Set(group.ends.map((end) => end.id));
      const fresh = [];
      let year = "";
      while (group.next) {
        const url = new URL(group.next, group.base);
        const [type, name] = url.pathname.split("/").slice(-2);
        const ofYear = /^(\d+)\.\d+\.json\.gz$/.exec(name)?.[1] ?? "";
        if (type !== group.type) group.next = null;
        if (!group.next || (fresh.length && (!year || ofYear !== year))) break;
        const page = await read(url);
        year = ofYear;
        remember(page.relations, url);
        fresh.push(...page.relations.filter((end) => !seen.has(end.id)));
        [group.next, group.base] = [page.next, url];
      }
      /* Numbers are in time's order within one repository. */
      const number = (end) => Number(/^#(\d+) /.exec(end.label)?.[1] ?? 0);
      const above = new Set(fresh.map((end) => end.id.slice(0, end.id.lastIndexOf("/"))));
      if (above.size === 1) fresh.sort((one, other) => number(other) - number(one));
      group.ends.push(...fresh);
      say(`${here.label}: ${group.ends.length.toLocaleString("en")} of ${counted(group.count, "link")} (${wordsOf(group.type)}).`);
    };

    /* Search: nothing is read before the first key. */
    let matches = [];
    let chosen = -1;
    const close = () => {
      options.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
      chosen = -1;
    };
    const choose = (place) => {
      chosen = place;
      [...options.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === place)));
      options.children[place]?.scrollIntoView({ block: "nearest" });
      if (place >= 0) input.setAttribute("aria-activedescendant", `gg-explorer-${place}`);
    };
    const take = (place) => {
      const node = matches[place];
      if (!node) return;
      close();
      input.value = "";
      const hasPage = node.url.startsWith(new URL("../../", indexUrl).href) && !node.url.includes("#");
      open(node.id, { push: true, hasPage });
    };
    let asked = 0;
    const search = async () => {
      const text = input.value;
      const turn = ++asked;
      if (!text.trim()) return close();
      const shown = (await kinds()).map(({ kind }) => kind).filter((kind) => !hidden.has(kind));
      let hits = [];
      try {
        hits = await window.gitguardSearch.find(text, { limit: FOUND, kinds: shown });
      } catch (error) {
        return say(`The search could not be read: ${error.message}.`);
      }
      if (turn !== asked) return;
      matches = hits;
      options.replaceChildren(
        ...matches.map((node, place) => {
          const item = element("li", "", { role: "option", id: `gg-explorer-${place}`, "aria-selected": "false" });
          const kind = node.id.slice(0, node.id.indexOf(":"));
          item.append(element("span", "", { class: `gg-hue gg-hue-${kind}` }), element("bdi", node.label));
          item.append(element("span", ` ${node.kind.toLowerCase()}`, { class: "gg-muted" }));
          if (node.context) item.append(element("bdi", node.context, { class: "gg-sub" }));
          item.addEventListener("pointerdown", (event) => {
            event.preventDefault();
            take(place);
          });
          return item;
        }),
      );
      if (!matches.length) options.append(element("li", "Nothing found", { "aria-disabled": "true" }));
      options.hidden = false;
      input.setAttribute("aria-expanded", "true");
      choose(matches.length ? 0 : -1);
    };
    input.addEventListener("input", search);
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      event.stopPropagation(); // Material opens its own search on "f", "s" and "/"
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

    const fillKinds = async () => {
      for (const { kind } of await kinds()) {
        const label = element("label");
        const check = element("input", "", { type: "checkbox" });
        check.checked = true;
        check.addEventListener("change", () => {
          if (check.checked) hidden.delete(kind);
          else hidden.add(kind);
          if (here) show();
        });
        label.append(check, " ", element("span", "", { class: `gg-hue gg-hue-${kind}` }), kindOf(kind));
        part("kinds").append(label);
      }
    };

    /* `#node=` and an id: what has a "=" is not an anchor, which whoever checks links would look for. */
    const inAddress = () => {
      const id = location.hash.slice(1).replace(/^node=/, "");
      try {
        return decodeURIComponent(id) || root.dataset.start;
      } catch {
        return id;
      }
    };
    /* Back, forward, and an address that is changed by hand. */
    const follow = () => {
      if (root.isConnected) open(inAddress());
      else for (const name of ["popstate", "hashchange"]) window.removeEventListener(name, follow);
    };
    for (const name of ["popstate", "hashchange"]) window.addEventListener(name, follow);

    open(inAddress(), { focus: trail.length > 0 });
    fillKinds().catch(() => {}); // `open` tells what is wrong
  };

  const start = () => document.querySelectorAll("[data-gg-explorer]").forEach(run);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
