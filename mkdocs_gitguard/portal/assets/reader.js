/* What is the reader's own, on the home page: the parts of a person's or a team's page that they have chosen. The choice
   stays in this browser: it is sent nowhere, and every page is the same for all. */
(() => {
  "use strict";
  const SITE = new URL("../../", document.currentScript.src);
  const KEY = `gitguard-reader ${SITE.pathname}`;
  const MOST = 4; // choices: a person and their teams
  const HITS = 8;
  const PAUSE = 150; // milliseconds after a key
  const LONGEST = 200;
  /* Sections of an owner's page, in the order in which they are shown; those that tell less are folded. */
  const PARTS = ["waiting-for-review", "open-pull-requests", "findings-there", "policies-changed", "exceptions"];
  const FOLDED = ["changes-there", "owns"];
  const LOOKED_AT = "reviews asked of them, their open pull requests, findings, policies and exceptions in their files";

  const element = (name, text, attributes = {}) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };

  /* ---- The choice ---- */
  const isText = (value) => typeof value === "string" && value.length > 0 && value.length <= LONGEST;
  const isOurs = (url) => new URL(url, SITE).href.startsWith(SITE.href);
  const isChoice = (one) => isText(one?.id) && one.id.startsWith("owner:") && isText(one.label) && isText(one.url) && isOurs(one.url);
  const choices = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
      return Array.isArray(kept) ? kept.filter(isChoice).slice(0, MOST) : [];
    } catch {
      return [];
    }
  };
  const keep = (kept) => {
    try {
      if (kept.length) localStorage.setItem(KEY, JSON.stringify(kept));
      else localStorage.removeItem(KEY);
    } catch {
      // A browser that keeps nothing shows the choice until the page is left.
    }
  };

  /* ---- Parts of a page ---- */
  const partOf = (panel, url) => {
    const part = document.importNode(panel, true);
    for (const one of part.querySelectorAll("script, noscript, form, .headerlink")) one.remove();
    for (const link of part.querySelectorAll("a[href]")) link.href = new URL(link.getAttribute("href"), url).href;
    for (const one of part.querySelectorAll("h2, h3")) {
      const heading = element(one.localName === "h2" ? "h3" : "h4", one.textContent.trim());
      one.replaceWith(heading);
    }
    for (const one of [part, ...part.querySelectorAll("[id]")]) one.removeAttribute("id");
    part.removeAttribute("data-gg-panel");
    return part;
  };
  const folded = (part) => {
    const heading = part.querySelector("h3");
    const fold = element("details", "", { class: "gg-fold" });
    fold.append(element("summary", heading.textContent), part);
    heading.remove();
    return fold;
  };
  const fill = async (block, choice) => {
    const url = new URL(choice.url, SITE);
    const shown = [];
    try {
      const response = await fetch(url);
      if (response.status === 404) shown.push(element("p", `${choice.label} has no page here any more.`, { class: "gg-empty" }));
      else if (!response.ok) throw new Error(`${url}: ${response.status}`);
      else {
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        const panel = (id) => page.querySelector(`.gg [data-gg-panel="${id}"]`);
        for (const panelOf of PARTS.map(panel).filter(Boolean)) shown.push(partOf(panelOf, url));
        if (!shown.length) shown.push(element("p", `Nothing needs them. Looked at: ${LOOKED_AT}.`, { class: "gg-empty" }));
        for (const panelOf of FOLDED.map(panel).filter(Boolean)) shown.push(folded(partOf(panelOf, url)));
      }
    } catch {
      shown.push(element("p", "This cannot be read. It needs a web server: pages opened from a disk may not fetch.", { class: "gg-empty" }));
    }
    block.replaceChildren(...shown);
    block.removeAttribute("aria-busy");
    block.style.minHeight = "";
    return block.offsetHeight;
  };

  /* ---- The section ---- */
  const show = (section, kept, focus = false) => {
    section.replaceChildren();
    for (const choice of kept) {
      const head = element("h2");
      const link = element("a", choice.label, { href: new URL(choice.url, SITE).href });
      head.append("For ", link);
      const forget = element("button", "Forget", { type: "button", class: "gg-more", "aria-label": `Forget ${choice.label}` });
      forget.addEventListener("click", () => change(section, kept.filter((one) => one !== choice)));
      const top = element("div", "", { class: "gg-reader-top" });
      top.append(head, forget);
      const block = element("div", "", { class: "gg-reader-one", "aria-busy": "true" });
      // What comes takes the room that it took the last time, so that nothing below it moves.
      block.style.minHeight = `${Number(choice.height) > 0 ? Math.min(Number(choice.height), 20000) : 160}px`;
      section.append(top, block);
      fill(block, choice).then((height) => {
        if (!block.isConnected || choice.height === height) return;
        choice.height = height;
        keep(kept);
      });
    }
    if (kept.length < MOST) section.append(chooser(section, kept));
    section.hidden = false;
    if (focus) section.querySelector("button, summary")?.focus();
  };
  const change = (section, kept) => {
    keep(kept);
    show(section, kept, true);
  };
  const chooser = (section, kept) => {
    const fold = element("details", "", { class: "gg-fold gg-reader-choose" });
    fold.append(element("summary", kept.length ? "Add a team or a person" : "Show what is yours: choose yourself, or your team"));
    const label = element("label", "Name, login or team ");
    const input = element("input", "", { type: "search", autocomplete: "off", spellcheck: "false" });
    label.append(input);
    const status = element("p", "Your choice stays in this browser.", { class: "gg-caption", role: "status" });
    const list = element("ul", "", { class: "gg-rows", hidden: "" });
    let number = 0;
    let timer = 0;
    const ask = async () => {
      const asked = ++number;
      const text = input.value.trim();
      const find = window.gitguardSearch?.find;
      if (!find) {
        status.textContent = "This site has no search that could tell who there is.";
        return;
      }
      let hits = [];
      try {
        hits = text ? await find(text, { limit: HITS, kinds: ["owner"] }) : [];
      } catch {
        // The search says so itself where its files cannot be read; here there is nobody to choose.
      }
      if (asked !== number) return;
      const theirs = hits.filter((hit) => hit.id?.startsWith("owner:") && hit.kind !== "Bot" && hit.url?.startsWith(SITE.href));
      list.replaceChildren(...theirs.map((hit) => row(section, kept, hit)));
      list.hidden = !theirs.length;
      status.textContent = theirs.length || !text ? "Your choice stays in this browser." : "Nobody of that name is known here.";
    };
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE);
    });
    // Material opens its own search on some keys; one typed here is meant for the box.
    input.addEventListener("keydown", (event) => event.stopPropagation());
    fold.append(label, status, list);
    return fold;
  };
  const row = (section, kept, hit) => {
    const item = element("li");
    const choose = element("button", hit.label, { type: "button", class: "gg-more" });
    choose.addEventListener("click", () => {
      const choice = { id: hit.id, label: hit.label, url: hit.url.slice(SITE.href.length) };
      if (isChoice(choice)) change(section, [...kept.filter((one) => one.id !== choice.id), choice]);
    });
    item.append(choose, element("span", [hit.kind, hit.context].filter(Boolean).join(" \u00b7 "), { class: "gg-sub" }));
    return item;
  };

  const section = document.querySelector("[data-gg-reader]");
  if (section) show(section, choices());
})();
