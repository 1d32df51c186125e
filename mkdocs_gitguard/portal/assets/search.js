/* The portal's search: reads the static index beside this file (docs/search.md tells its format), nothing else, and
   shows what it finds in a dialog that opens from the theme's own search box, whichever theme that is. */
(() => {
  "use strict";
  if (window.gitguardSearch) return;
  const HERE = document.currentScript.src;
  const ROOT = new URL("search/", HERE);
  const SITE = new URL("../../", HERE);
  const FIRST = 10; // hits before "Show more"
  const SPARE = 4; // records that are read beyond: some turn out to be exact
  const MOST = 60;
  const MOST_PATHS = 4; // where no path was typed: each may be of another repository, whose record is read
  const MOST_AUTHORS = 4; // of one name
  const MOST_WORDS = 16;
  const PAUSE = 250; // milliseconds without a key, before meanings are compared
  const FILES_OF_PREFIX = 4; // of a table, for a word that is not whole yet
  const LONGEST_WORD = 32;
  const LONGEST_NAME = 160;
  const END = "\uffff";
  const SHARED = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const STOP_WORDS = new Set("a an and as at by for from in into is it of on or the to with".split(" "));
  /* By letter: what people call the kind, its place among others, the kind of its node's id, and its icon. */
  const KINDS = {
    r: ["Repository", 0, "repository", "M4 2h11v16H5.5A1.5 1.5 0 0 0 4 19.5zM4 19.5A1.5 1.5 0 0 0 5.5 21H15v-3M7.5 6h4"],
    o: ["Organisation", 0.5, "organization", "M3 18V4h8v14M11 8h6v10M1 18h18M6 7h2M6 11h2M14 11h1M14 14h1"],
    t: ["Team", 1, "owner", "M7 10a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 19c0-4 2-6 5-6s5 2 5 6M15 10a3 3 0 1 0 0-6M14 13c3 0 5 2 5 6"],
    u: ["Person", 2, "owner", "M10 10a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM3 19c0-4 3-6 7-6s7 2 7 6"],
    e: ["E-mail address", 2.1, "owner", "M2 5h16v11H2zM2 5l8 6 8-6"],
    b: ["Bot", 2.2, "owner", "M4 8h12v9H4zM10 8V4M8 12v1M12 12v1M2 11v3M18 11v3"],
    p: ["Policy", 3, "policy", "M10 2l7 3v5c0 4-3 7-7 8-4-1-7-4-7-8V5zM7 10l2 2 4-4"],
    q: ["Rule", 4, "rule", "M4 5h12M4 10h12M4 15h7"],
    v: ["Policy, folded", 4.2, "policy", "M10 2l7 3v5c0 4-3 7-7 8-4-1-7-4-7-8V5z"],
    h: ["Rule, helper", 4.4, "rule", "M4 5h12M4 10h12M4 15h7"],
    w: ["Automation", 4.6, "policy", "M10 13a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM10 2v3M10 15v3M2 10h3M15 10h3M4 4l2 2M14 14l2 2M4 16l2-2M14 6l2-2"],
    l: ["List", 5, "", "M3 5h1M7 5h10M3 10h1M7 10h10M3 15h1M7 15h10"],
    c: ["Pull request", 6, "pull-request", "M5 7v7M5 7a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM5 18a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM15 18a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM15 14V8c0-2-1-3-3-3h-2"],
    d: ["Decision", 7, "decision", "M5 10l3 4 7-9M3 18h14"],
    f: ["File", 8, "", "M5 2h7l4 4v12H5zM12 2v4h4"],
    g: ["Folder", 8.1, "", "M2 5h6l2 2h8v10H2z"],
    m: ["Page", 9, "", "M4 3h12v14H4zM7 7h6M7 10h6M7 13h4"],
  };

  /* ---- Text: the other half of mkdocs_gitguard/portal/search/text.py ---- */
  const folded = (text) =>
    text
      .normalize("NFKD")
      .replace(/[\u{10000}-\u{10ffff}\ud800-\udfff]/gu, "")
      .replace(/\p{M}/gu, "")
      .toLowerCase()
      .trim()
      .replace(/\s+/g, " ");
  const wordsOf = (text) => (folded(text).match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => word.slice(0, LONGEST_WORD));

  /* ---- The index: files, tables, ranges of keys ---- */
  const arrived = new Map(); // by file name: what to call with its content
  const files = new Map(); // by file name: a promise of its content
  window.gitguardSearch = (name, value) => arrived.get(name)?.(value);

  const byScript = (name) =>
    new Promise((resolve, reject) => {
      const script = document.createElement("script");
      const done = () => {
        arrived.delete(name);
        script.remove();
      };
      arrived.set(name, (value) => {
        done();
        resolve(value);
      });
      /* One that is loaded and has not called is broken. */
      script.onload = script.onerror = () => {
        if (!arrived.has(name)) return;
        done();
        reject(new Error(`${name} cannot be read`));
      };
      script.src = new URL(`${name}.js`, ROOT);
      document.head.append(script);
    });
  const byFetch = async (name) => {
    const response = await fetch(new URL(`${name}.js`, ROOT));
    if (!response.ok) throw new Error(`${name} answered ${response.status}`);
    const text = await response.text();
    return JSON.parse(text.slice(text.indexOf(",") + 1, text.lastIndexOf(")")));
  };
  const load = (name) => {
    let file = files.get(name);
    if (!file) {
      /* A page opened from a disk may not fetch, but may load scripts. */
      file = (location.protocol === "file:" ? byScript : byFetch)(name);
      file.catch(() => files.delete(name));
      files.set(name, file);
    }
    return file;
  };
  const directory = () => load("index");

  /* The place of the first of sorted texts that is not before `text`. */
  const placeOf = (sorted, text) => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] < text) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const tables = new Map();
  const tableOf = async (table) => {
    if (!tables.has(table)) {
      const listed = (await directory()).tables[table] ?? [];
      tables.set(table, { begins: listed.filter((_, at) => at % 2 === 0), names: listed.filter((_, at) => at % 2) });
    }
    return tables.get(table);
  };
  const contents = new Map(); // by file name: {keys, units}
  const contentOf = async (name) => {
    const entries = await load(name);
    let content = contents.get(name);
    if (!content) {
      content = { keys: [], units: [] };
      let key = "";
      for (const [end, ...units] of entries) {
        key = key.slice(0, SHARED.indexOf(end[0])) + end.slice(1);
        content.keys.push(key);
        content.units.push(units);
      }
      contents.set(name, content);
    }
    return content;
  };
  /* Every [key, unit] of a table from one key on and before another; of long ranges the first `most` files. */
  const range = async (table, from, to, most = Infinity) => {
    const { begins, names } = await tableOf(table);
    const first = Math.max(0, placeOf(begins, from) - 1);
    const wanted = names.slice(first, Math.min(placeOf(begins, to), first + most + 1));
    const read = await Promise.all(wanted.map((name) => contentOf(`${table}-${name}`)));
    const inside = [];
    for (const { keys, units } of read)
      for (let at = placeOf(keys, from); at < keys.length && keys[at] < to; at++)
        for (const unit of units[at]) inside.push([keys[at], unit]);
    return inside;
  };
  const only = (table, key) => range(table, key, `${key}\u0000`);
  const beginning = (table, key, most = FILES_OF_PREFIX) => range(table, key, key + END, most);

  /* A unit names a group in three characters, then its entries: a letter for the kind and a number. */
  const GROUP = 3;
  const references = function* (unit) {
    const group = unit.slice(0, GROUP);
    for (const local of unit.slice(GROUP).split(",")) yield [group, local];
  };

  /* ---- Finding ---- */
  const before = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const byNumber = (local) => Number.parseInt(local.slice(1), 36);
  const HOW = { exact: 0, begins: 1, named: 2, told: 3 };

  class Candidates {
    constructor() {
      this.all = new Map(); // by reference: {group, local, how, length}
    }

    add(group, local, how, length) {
      const reference = group + local;
      const known = this.all.get(reference);
      if (!known) this.all.set(reference, { group, local, how, length });
      else if (how < known.how || (how === known.how && length < known.length)) Object.assign(known, { how, length });
    }

    /* The best first, as far as that can be told before their records are read. Of pull requests each repository's
       newest come first, by turns. */
    best(most) {
      const sorted = [...this.all.values()].map((one) => ({ ...one, tier: tierOf(one.how, one.local[0]), place: KINDS[one.local[0]]?.[1] ?? 99 }));
      const turns = new Map();
      const changes = sorted.filter((one) => one.local[0] === "c").sort((a, b) => byNumber(b.local) - byNumber(a.local));
      for (const one of changes) {
        one.turn = turns.get(one.group) ?? 0;
        turns.set(one.group, one.turn + 1);
      }
      sorted.sort(
        (a, b) =>
          a.tier - b.tier ||
          a.place - b.place ||
          a.how - b.how ||
          (a.turn ?? 0) - (b.turn ?? 0) ||
          a.length - b.length ||
          (a.group + a.local < b.group + b.local ? -1 : 1),
      );
      return sorted.slice(0, most);
    }
  }
  /* Jobs, helpers and samples are called like what they are about, which is what is meant. */
  const SELDOM_MEANT = "hvw";
  const tierOf = (how, kind) => (how === HOW.told ? 2 : how === HOW.exact && !SELDOM_MEANT.includes(kind) ? 0 : 1);

  /* What has one word: entries, and repositories all of whose entries have it. The words of the last questions are
     kept: while somebody types, only the last one changes. */
  const held = new Map();
  const holders = (word) => {
    const known = held.get(word) ?? readHolders(word);
    held.delete(word);
    held.set(word, known);
    known.catch(() => held.delete(word));
    if (held.size > MOST_WORDS) held.delete(held.keys().next().value);
    return known;
  };
  const readHolders = async (word) => {
    const entries = new Map(); // by reference: [group, local, how]
    const groups = new Set();
    const take = (key, unit) => {
      for (const [group, local] of references(unit)) {
        if (local === "*") groups.add(group);
        else {
          const small = local.toLowerCase();
          const how = small === local ? HOW.named : HOW.told;
          const reference = group + small;
          const known = entries.get(reference);
          if (!known || how < known[2]) entries.set(reference, [group, small, how]);
        }
      }
    };
    const wanted = [only("words", word)];
    /* One or two letters begin too much: whole words only. */
    if (word.length > 2) wanted.push(beginning("words", word));
    if (/^\d+$/.test(word)) wanted.push(only("names", `#${word}`));
    for (const pairs of await Promise.all(wanted)) for (const [key, unit] of pairs) take(key, unit);
    return { entries, groups };
  };

  const addByWords = async (text, candidates) => {
    const all = [...new Set(wordsOf(text))].filter((word) => word.length > 1 || /[^\x00-\x7f]/.test(word) || /^\d$/.test(word));
    const telling = all.filter((word) => !STOP_WORDS.has(word));
    if (!telling.length) return;
    const holdersOfAll = await Promise.all(telling.map(holders));
    for (const one of holdersOfAll)
      for (const [reference, [group, local, own]] of one.entries) {
        let how = own;
        const fits = holdersOfAll.every((other) => {
          const at = other.entries.get(reference);
          if (at) how = Math.max(how, at[2]);
          return at || other.groups.has(group);
        });
        if (fits) candidates.add(group, local, how, 999);
      }
  };

  const addByName = async (text, candidates) => {
    const name = folded(text).slice(0, LONGEST_NAME);
    const forms = new Set([name, name.replace(/^@/, "")]);
    if (/^\d+$/.test(name)) forms.add(`#${name}`);
    for (const form of forms) {
      if (!form) continue;
      const isNumber = form[0] === "#";
      const wanted = [only("names", form)];
      /* Of numbers only the whole one is meant. */
      if (!isNumber) wanted.push(beginning("names", form, form.length > 2 ? FILES_OF_PREFIX : 1));
      for (const pairs of await Promise.all(wanted))
        for (const [key, unit] of pairs)
          for (const [group, local] of references(unit))
            if (isNumber || key[0] !== "#") candidates.add(group, local, key === form ? HOW.exact : HOW.begins, key.length);
    }
  };

  /* `billing#12`, `acme/billing#12`: a repository's pull request by its number. */
  const addByNumber = async (text, candidates) => {
    const parts = /^(.*?)\s*[#!](\d+)$/.exec(folded(text));
    if (!parts?.[1]) return;
    const [repositories, numbers] = await Promise.all([only("names", parts[1]), only("names", `#${parts[2]}`)]);
    const groups = new Set(repositories.flatMap(([, unit]) => [...references(unit)].filter(([, local]) => local === "r").map(([group]) => group)));
    for (const [, unit] of numbers)
      for (const [group, local] of references(unit)) if (groups.has(group)) candidates.add(group, local, HOW.exact, 0);
  };

  /* Pull requests by who wrote them: of whoever is called what was typed, or `@login`, and of these, where other words
     stand beside a login, those that have them. */
  const addByAuthor = async (text, candidates) => {
    const tokens = folded(text).slice(0, LONGEST_NAME).split(" ");
    const login = tokens.find((token) => /^@./.test(token));
    const others = login ? tokens.filter((token) => token !== login).flatMap(wordsOf) : [];
    const named = await only("names", login ? login.slice(1) : tokens.join(" "));
    const people = named.flatMap(([, unit]) => [...references(unit)]).filter(([, local]) => "ub".includes(local[0]));
    const records = await Promise.all(people.slice(0, MOST_AUTHORS).map(([group, local]) => recordOf(group + local)));
    const [written, ...holdersOfOthers] = await Promise.all([
      Promise.all(records.filter((record) => record?.[3]).map((record) => only("authors", record[3]))),
      ...others.map(holders),
    ]);
    for (const [, unit] of written.flat())
      for (const [group, local] of references(unit))
        if (holdersOfOthers.every(({ entries, groups }) => entries.has(group + local) || groups.has(group)))
          candidates.add(group, local, HOW.told, 999);
  };

  /* Files and folders by any part of their path that ends in a whole name or the beginning of one. The repository's
     name may stand before the path, and other words beside it. */
  const pathHits = async (text, limit) => {
    const tokens = folded(text).split(" ");
    const path = tokens.length === 1 ? tokens[0] : tokens.filter((token) => /[./]/.test(token)).pop();
    if (!path || path.replace(/^[./]+|\/+$/g, "").length < 3 || path[0] === "#" || path[0] === "@") return [];
    const isFolder = path.endsWith("/");
    const parts = path.replace(/^(\.?\/)+|\/+$/g, "").split("/").reverse();
    const whole = parts.join("/");
    const others = await Promise.all(
      tokens.filter((token) => token !== path).map(async (token) => [token, (await holders(wordsOf(token)[0] ?? token)).groups]),
    );
    const pairs = await Promise.all([
      /* As a whole path or the end of one; then names that begin so. */
      only("paths", whole),
      range("paths", `${whole}/`, `${whole}/${END}`, 2 * FILES_OF_PREFIX),
      beginning("paths", parts[0], 2),
    ]);
    const found = new Map();
    for (const [key, unit] of pairs.flat()) {
      const group = unit.slice(0, GROUP);
      const isOfFolder = key.endsWith("/");
      if (found.has(group + key) || (isFolder && !isOfFolder)) continue;
      const own = key.split("/");
      if (isOfFolder) own.pop();
      const one = { group, own, isFolder: isOfFolder, path: unit.slice(GROUP) || [...own].reverse().join("/") };
      if (!endsWith(own, parts) || !others.every(([token, groups]) => groups.has(group) || key.includes(token))) continue;
      /* A plain word may be anything; what has a dot or a slash is a path. */
      const isOfRepository = others.every(([, groups]) => groups.has(group)) && (!others.length || /[./]/.test(path));
      one.isExact = isOfRepository && own[0] === parts[0] && (!isOfFolder || path.includes("/"));
      found.set(group + key, one);
    }
    const best = [...found.values()].sort(
      (a, b) => b.isExact - a.isExact || a.own.length - b.own.length || a.path.length - b.path.length || before(a.path, b.path),
    );
    const hits = await Promise.all(
      best.slice(0, /[./]/.test(path) ? limit : MOST_PATHS).map(async (one) => {
        const home = await homeOf(one.group);
        return home && endsWith([...one.own, ...folded(home.label).split("/").reverse()], parts, true) && pathHit(one, home);
      }),
    );
    return Object.assign(hits.filter(Boolean), { total: found.size });
  };
  /* Whether a path read backwards begins with what was typed, its last name and its first part perhaps not whole. What
     was typed may be longer, if `isWhole` is not asked for: then the repository's name may still follow. */
  const endsWith = (own, parts, isWhole = false) =>
    own[0].startsWith(parts[0]) &&
    parts.slice(1).every((part, at) => {
      const there = own[at + 1];
      if (there === undefined) return !isWhole;
      return at === parts.length - 2 ? there.endsWith(part) : there === part;
    });
  const inUrl = (path) => path.split("/").map(encodeURIComponent).join("/");
  const pathHit = (one, home) => {
    const pattern = one.isFolder ? home.folder : home.file;
    return {
      kind: one.isFolder ? "g" : "f",
      id: "",
      label: one.path,
      context: home.label,
      url: pattern ? pattern.replace("~", () => inUrl(one.path)) : home.url,
      weight: "",
      how: one.isExact ? HOW.exact : HOW.begins,
      length: one.own.length * 1000 + one.path.length,
    };
  };

  /* ---- Records: what is shown of an entry ---- */
  const recordOf = async (reference) => {
    const pairs = await only("records", reference);
    return pairs.length ? pairs.map(([, unit]) => unit.slice(GROUP)).join(",").split("\t") : null;
  };
  const homeOf = async (group) => {
    const fields = await recordOf(group);
    if (!fields) return null;
    const [label, context, url, id, weight = "", changes = "", changesEnd = "", forgeChange = "", file = "", folder = ""] = fields;
    return { label, context, url, id, weight, changes, changesEnd, forgeChange, file, folder };
  };
  const hitOf = async ({ group, local, how, length }) => {
    const kind = local[0];
    const home = await homeOf(group);
    if (kind === "r") return home && { kind, id: home.id, label: home.label, context: home.context, url: home.url, weight: home.weight, how, length };
    const fields = await recordOf(group + local);
    if (!fields) return null;
    const [label, context = "", url = "", id = "", weight = ""] = fields;
    if (kind !== "c") return { kind, id, label, context: [home?.label, context].filter(Boolean).join(" \u00b7 "), url, weight, how, length };
    const number = byNumber(local);
    return {
      kind,
      id: `pull-request:${home.id.replace(/^repository:/, "")}/${number}`,
      label: `#${number} ${label}`,
      title: label,
      context: [home.label, context, weight].filter(Boolean).join(" \u00b7 "),
      url: url === "!" ? home.forgeChange.replace("~", number) : url || `${home.changes}${number}${home.changesEnd}`,
      weight,
      how,
      length,
    };
  };

  /* ---- The user's own pages: MkDocs' index, which holds nothing else ---- */
  let ownPages = null;
  const readOwnPages = async () => {
    const { pages } = await directory();
    if (!pages) return [];
    const index = window.__search?.index ? await window.__search.index : await (await fetch(new URL(pages, SITE))).json();
    return index.docs.map(({ title, text, location: url }) => {
      const plain = new DOMParser().parseFromString(`${title}\n${text}`, "text/html").body.textContent.trim();
      const heading = new DOMParser().parseFromString(title, "text/html").body.textContent.trim();
      return { title: heading, name: folded(heading), text: folded(plain), shown: plain.slice(heading.length).trim(), url };
    });
  };
  const pageHits = async (text) => {
    ownPages ??= readOwnPages().catch(() => []);
    const name = folded(text);
    const words = wordsOf(text);
    if (!words.length) return [];
    const has = (inside, word) => inside.startsWith(word) || new RegExp(`[^\\p{L}\\p{N}]${word}`, "u").test(inside);
    const hits = [];
    for (const page of await ownPages) {
      if (!words.every((word) => has(page.text, word))) continue;
      const isNamed = words.every((word) => has(page.name, word));
      const how = page.name === name ? HOW.exact : page.name.startsWith(name) ? HOW.begins : isNamed ? HOW.named : HOW.told;
      const at = Math.max(0, page.shown.toLowerCase().indexOf(words[0]) - 40);
      hits.push({ kind: "m", id: "", label: page.title, context: page.shown.slice(at, at + 120), url: page.url, weight: "", how, length: page.url.length });
    }
    return hits;
  };

  const inOrder = (a, b) =>
    tierOf(a.how, a.kind) - tierOf(b.how, b.kind) ||
    KINDS[a.kind][1] - KINDS[b.kind][1] ||
    a.how - b.how ||
    (a.kind === "c" ? before(b.weight, a.weight) : 0) ||
    (Number.isNaN(Number(a.weight)) ? 0 : Number(b.weight) - Number(a.weight)) ||
    a.length - b.length ||
    a.label.length - b.label.length ||
    a.context.length - b.context.length ||
    before(a.label, b.label) ||
    before(a.url, b.url);

  /* What Pagefind finds, where the site has chosen it: words of pages, ranked by it. Pages of people and teams alone say
     of which node they are. */
  const pagefindHits = async (text, place, limit, kinds) => {
    const pagefind = await import(new URL(place, SITE));
    await pagefind.options({ baseUrl: SITE.pathname });
    if (kinds && !kinds.includes("owner")) return Object.assign([], { total: 0 });
    const { results } = await pagefind.search(text, { filters: kinds ? { kind: "owner" } : {} });
    const read = await Promise.all(results.slice(0, limit).map((result) => result.data()));
    const plain = (html) => new DOMParser().parseFromString(html, "text/html").body.textContent;
    const letterOf = ({ node }) => (node ? (node.startsWith("owner:team/") ? "t" : "u") : "m");
    const hits = read.map(({ url, meta, excerpt }) => ({
      kind: KINDS[letterOf(meta)][0],
      letter: letterOf(meta),
      id: meta.node ?? "",
      label: plain(meta.title ?? url),
      context: plain(excerpt),
      url: new URL(url, SITE).href,
    }));
    return Object.assign(hits, { total: results.length });
  };

  /* Finds what a text names. Returns at most `limit` hits, the best first: {kind, id, label, context, url}; `id` is a
     node's, "" for a file, a list or a page; `url` is absolute. */
  const find = async (text, { limit = FIRST, kinds = null } = {}) => {
    const name = folded(text);
    if (!name) return [];
    const { pagefind } = await directory();
    if (pagefind) return pagefindHits(text, pagefind, limit, kinds);
    const candidates = new Candidates();
    const isWanted = (kind) => kinds === null || kinds.includes(KINDS[kind][2] || KINDS[kind][0].toLowerCase());
    const [paths, pages] = await Promise.all([
      isWanted("f") ? pathHits(text, limit) : [],
      isWanted("m") ? pageHits(text) : [],
      addByName(text, candidates),
      addByNumber(text, candidates),
      addByAuthor(text, candidates),
      addByWords(text, candidates),
    ]);
    for (const [reference, one] of candidates.all) if (!KINDS[one.local[0]] || !isWanted(one.local[0])) candidates.all.delete(reference);
    const read = await Promise.all(candidates.best(limit + SPARE).map(hitOf));
    const hits = [...read.filter(Boolean), ...paths, ...pages];
    for (const hit of hits) if (!"fg".includes(hit.kind) && folded(hit.title ?? hit.label) === name) hit.how = HOW.exact;
    hits.sort(inOrder);
    hits.total = candidates.all.size + (paths.total ?? 0) + pages.length;
    const first = hits.slice(0, limit).map(shown);
    first.total = Math.max(hits.total, first.length);
    return first;
  };
  const shown = (hit) => ({ ...hit, kind: KINDS[hit.kind][0], letter: hit.kind, url: new URL(hit.url, SITE).href });

  /* ---- By meaning: a script of its own, loaded when it is first needed ---- */
  let meaning = null;
  const byMeaning = () => {
    meaning ??= byScript("../meaning").then((make) => make({ directory, load, wordsOf, hitOf, shown }));
    meaning.catch(() => (meaning = null));
    return meaning;
  };
  const near = async (text, options = {}) => ((await directory()).meaning ? (await byMeaning()).near(text, options) : []);

  /* ---- The dialog ---- */
  const element = (name, text = "", attributes = {}) => {
    const made = document.createElement(name);
    made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };
  const icon = (letter) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 20 20");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", KINDS[letter][3]);
    svg.append(path);
    return svg;
  };
  const isWeb = (url) => /^(https?|file):/.test(url);

  let dialog = null;
  let input = null;
  let list = null;
  let status = null;
  let more = null;
  let nearer = null;
  let changesToo = null;
  let wantsNear = false;
  let wantsChanges = false;
  let chosen = -1;
  let turn = 0;
  let limit = FIRST;

  const make = () => {
    dialog = element("dialog", "", { class: "gg gg-search", "aria-label": "Search" });
    const form = element("form", "", { role: "search", "aria-label": "Portal" });
    form.method = "dialog";
    input = element("input", "", {
      type: "search",
      role: "combobox",
      "aria-label": "Search",
      "aria-expanded": "false",
      "aria-controls": "gg-search-hits",
      "aria-autocomplete": "list",
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: "false",
      placeholder: "Repository, person, policy, #number, path\u2026",
    });
    const close = element("button", "Close", { type: "button", class: "gg-search-close" });
    form.append(input, close);
    list = element("div", "", { id: "gg-search-hits", class: "gg-search-hits", role: "listbox", "aria-label": "Hits" });
    more = element("button", "Show more", { type: "button", class: "gg-more" });
    more.hidden = true;
    status = element("p", "", { class: "gg-search-says gg-muted", role: "status" });
    nearer = element("button", "Search by meaning", { type: "button", class: "gg-more" });
    nearer.hidden = true;
    changesToo = element("button", "Pull requests too", { type: "button", class: "gg-more" });
    changesToo.hidden = true;
    const actions = element("div", "", { class: "gg-search-actions" });
    actions.append(more, nearer, changesToo);
    dialog.append(form, status, list, actions);
    document.body.append(dialog);

    input.addEventListener("input", () => {
      limit = FIRST;
      ask();
    });
    more.addEventListener("click", () => {
      limit = MOST;
      ask();
      input.focus();
    });
    nearer.addEventListener("click", () => {
      wantsNear = true;
      ask();
      input.focus();
    });
    changesToo.addEventListener("click", () => {
      wantsNear = wantsChanges = true;
      ask();
      input.focus();
    });
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
    /* Keys typed here are meant for the search, not for the theme's shortcuts. */
    dialog.addEventListener("keydown", (event) => {
      event.stopPropagation();
      const hits = options().length;
      if ((event.key === "ArrowDown" || event.key === "ArrowUp") && hits) {
        event.preventDefault();
        choose((chosen + (event.key === "ArrowDown" ? 1 : -1) + hits) % hits);
      } else if (event.key === "Enter" && event.target === input) {
        event.preventDefault();
        options()[Math.max(chosen, 0)]?.click();
      } else if (event.key === "Escape") {
        event.preventDefault();
        dialog.close();
      }
    });
    list.addEventListener("click", () => dialog.close());
  };

  const options = () => list.querySelectorAll("[role=option]");
  const choose = (place) => {
    chosen = place;
    options().forEach((hit, at) => hit.setAttribute("aria-selected", String(at === place)));
    const hit = options()[place];
    if (hit) {
      input.setAttribute("aria-activedescendant", hit.id);
      hit.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };

  const hitElement = (hit, place) => {
    const link = element("a", "", { class: "gg-search-hit", role: "option", id: `gg-search-hit-${place}`, tabindex: "-1", "aria-selected": "false" });
    if (isWeb(hit.url)) link.href = hit.url;
    const isElsewhere = !hit.url.startsWith(SITE.href);
    if (isElsewhere) link.rel = "noopener noreferrer";
    const words = element("span", "", { class: "gg-search-words" });
    words.append(element("bdi", hit.label), element("bdi", hit.context, { class: "gg-muted" }));
    link.append(icon(hit.letter), words, element("span", hit.kind + (isElsewhere ? " \u2197" : ""), { class: "gg-search-kind gg-muted" }));
    return link;
  };

  const ask = async () => {
    const mine = ++turn;
    const text = input.value;
    let hits = [];
    try {
      hits = await find(text, { limit });
    } catch (error) {
      if (mine !== turn) return;
      status.textContent = `The search index cannot be read: ${error.message}.`;
      return;
    }
    if (mine !== turn) return;
    list.replaceChildren(...hits.map(hitElement));
    dialog.dataset.answered = text;
    input.setAttribute("aria-expanded", String(hits.length > 0));
    more.hidden = !(hits.total > hits.length && limit < MOST);
    const said = hits.length ? `${hits.total.toLocaleString("en")} found` : folded(text) ? "Nothing found" : "";
    status.textContent = said;
    choose(hits.length ? 0 : -1);
    await askNear(text, hits, said, mine);
  };

  /* What is close in meaning, below what has the words: where nothing has, or somebody asks for it. Not while somebody
     types: the vectors of all that can be found are more than a word's hits. */
  const askNear = async (text, hits, said, mine) => {
    nearer.hidden = changesToo.hidden = true;
    if (wordsOf(text).join("").length < 3 || !(await directory()).meaning) return;
    if (hits.length && !wantsNear) {
      nearer.hidden = false;
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    if (mine !== turn) return;
    try {
      const known = new Set(hits.map((hit) => hit.url));
      const close = (await near(text, { pullRequests: wantsChanges })).filter((hit) => !known.has(hit.url));
      const changes = await (await byMeaning()).pullRequests();
      if (mine !== turn) return;
      if (close.length) {
        const group = element("div", "", { role: "group", "aria-label": "Close in meaning", class: "gg-search-near" });
        group.append(element("div", "Close in meaning", { class: "gg-search-heading gg-muted", "aria-hidden": "true" }));
        group.append(...close.map((hit, place) => hitElement(hit, hits.length + place)));
        list.append(group);
        input.setAttribute("aria-expanded", "true");
        if (chosen < 0) choose(0);
      }
      status.textContent = `${said}, ${close.length} close in meaning`;
      changesToo.textContent = `Pull requests too (${changes.toLocaleString("en")})`;
      changesToo.hidden = wantsChanges || !changes;
    } catch (error) {
      if (mine === turn) status.textContent = `${said}. The search by meaning cannot be read: ${error.message}.`;
      return;
    }
    dialog.dataset.near = text;
  };

  const open = (text = null) => {
    if (!dialog?.isConnected) make();
    if (!dialog.open) dialog.showModal();
    input.focus();
    /* What was typed elsewhere goes on here; what was asked before gives way to the next question. */
    if (text === null) input.select();
    else {
      input.value = text;
      input.setSelectionRange(text.length, text.length);
    }
    if (input.value) ask();
  };

  /* ---- Where it opens from: the theme's box, its button, a key ---- */
  const BOXES = ".md-search__input, #mkdocs-search-query, #rtd-search-form input[name=q], [data-gg-search]";
  const BUTTONS = 'label[for="__search"], [data-bs-target="#mkdocs_search_modal"], [data-toggle="modal"][data-target="#mkdocs_search_modal"], .gg-search-open';
  const boxAt = (event) => (event.target instanceof Element ? event.target.closest(BOXES) : null);
  const buttonAt = (event) => (event.target instanceof Element ? event.target.closest(BUTTONS) : null);
  const isTyping = (target) => target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;
  const take = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };

  /* Before the theme's own listeners. Focus alone opens nothing, so that the Tab key passes the box. */
  window.addEventListener("focus", (event) => boxAt(event) && event.stopImmediatePropagation(), true);
  window.addEventListener(
    "click",
    (event) => {
      if (!boxAt(event) && !buttonAt(event)) return;
      take(event);
      open();
    },
    true,
  );
  window.addEventListener(
    "input",
    (event) => {
      const box = boxAt(event);
      if (!box) return;
      event.stopImmediatePropagation();
      const text = box.value;
      box.value = "";
      open(text);
    },
    true,
  );
  window.addEventListener(
    "keydown",
    (event) => {
      if (dialog?.open || event.ctrlKey || event.metaKey || event.altKey) return;
      if (boxAt(event)) {
        if (event.key === "Enter" || event.key === "ArrowDown") {
          take(event);
          open();
        } else if (event.key !== "Tab") event.stopImmediatePropagation();
      } else if (["/", "f", "s"].includes(event.key) && !isTyping(event.target)) {
        take(event);
        open();
      }
    },
    true,
  );
  window.addEventListener("submit", (event) => {
    if (!(event.target instanceof Element) || !event.target.querySelector(BOXES)) return;
    take(event);
    open();
  }, true);

  const setUp = () => {
    for (const place of document.querySelectorAll("[data-gg-search-missing]")) suggest(place);
    const page = document.querySelector("[data-gg-search-page]");
    page?.replaceChildren(element("button", "Search", { type: "button", class: "gg-search-open" }));
    const asked = page && new URLSearchParams(location.search).get("q");
    if (asked) open(asked);
    if (document.querySelector(`${BOXES}, ${BUTTONS}`)) return;
    /* A theme without a box, because the site has no search plugin. */
    const bar = document.querySelector(".md-header__inner, .navbar .navbar-nav, .wy-side-nav-search");
    bar?.append(element("button", "Search", { type: "button", class: "gg-search-open" }));
  };

  /* On the page for what is not there: what the address may have meant. */
  const suggest = async (place) => {
    const path = decodeURIComponent(location.pathname.slice(new URL(SITE).pathname.length).replace(/\/(index\.html)?$|\.html$/, ""));
    const parts = path.replace(/!([a-z])/g, (_, letter) => letter.toUpperCase()).split("/").filter(Boolean);
    if (!parts.length) return;
    const isChange = parts[0] === "pull-request" && /^\d+$/.test(parts.at(-1));
    const asked = isChange ? `${parts.slice(1, -1).join("/")}#${parts.at(-1)}` : parts.length > 1 ? parts.slice(1).join("/") : parts[0];
    const isMeant = (hit) => !isChange || hit.id.endsWith(`/${parts.at(-1)}`);
    let hits = (await find(asked, { limit: 5 })).filter(isMeant);
    if (!hits.length && parts.length > 1) hits = await find(isChange ? parts.slice(1, -1).join("/") : parts.at(-1), { limit: 5 });
    if (!hits.length) return;
    const items = element("ul");
    for (const hit of hits) {
      const item = element("li");
      const link = element("a", hit.label);
      if (isWeb(hit.url)) link.href = hit.url;
      item.append(link, element("span", ` ${[hit.kind, hit.context].filter(Boolean).join(" \u00b7 ")}`, { class: "gg-muted" }));
      items.append(item);
    }
    place.replaceChildren(element("p", "Perhaps you mean:"), items);
  };

  window.gitguardSearch.find = find;
  window.gitguardSearch.near = near;
  window.gitguardSearch.open = open;
  if (window.document$) window.document$.subscribe(setUp);
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", setUp);
  else setUp();
})();
