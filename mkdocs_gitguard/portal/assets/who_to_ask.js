/* Who to ask about a path: reads rules.json and at most two shards of one repository (portal/path_answers.py), once
   somebody asks. The answer is that of `gitguard owners of`. */
(() => {
  "use strict";
  const YEAR = "in the last year";
  const element = (name, text, className) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  };
  const linked = (text, url) => {
    const made = element(url ? "a" : "span", text);
    if (url) made.href = url;
    return made;
  };
  const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

  /* FNV-1a of 32 bits, as `shard_of`. */
  const shardOf = (folder, shards) => {
    let value = 0x811c9dc5;
    for (const byte of new TextEncoder().encode(folder)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
    return value % shards;
  };

  const read = async (url) => {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    return response.json();
  };

  /* Which rules count for a path, as `Ruleset.winning`; null: one of them cannot be tried here. */
  const winning = (document_, path) => {
    const matching = [];
    for (const rule of document_.rules) {
      if (rule.expression === null) return null;
      const matches = new RegExp(rule.expression, "su").test(path);
      if (matches !== Boolean(rule.negated)) matching.push(rule);
    }
    if (["github", "bitbucket"].includes(document_.dialect)) return matching.slice(-1);
    if (document_.dialect !== "gitlab") return matching;
    const bySection = new Map();
    const exempt = new Set();
    for (const rule of matching) {
      bySection.set(rule.section ?? "", rule);
      if (rule.exclusion) exempt.add(rule.section ?? "");
    }
    return [...bySection].filter(([section]) => !exempt.has(section)).map(([, rule]) => rule).sort((one, other) => one.line - other.line);
  };

  const cleaned = (path) => path.trim().replace(/^(?:\.?\/)+/, "").replace(/\/+$/, "");

  class Asked {
    constructor(form) {
      this.form = form;
      this.folder = new URL(`${form.dataset.ggWho}/`, location.href);
      this.site = new URL(form.dataset.ggSite || "./", location.href);
      this.place = form.nextElementSibling;
      this.files = new Map();
      this.number = 0;
    }
    load(name) {
      if (!this.files.has(name)) {
        const file = read(new URL(name, this.folder));
        file.catch(() => this.files.delete(name));
        this.files.set(name, file);
      }
      return this.files.get(name);
    }
    person(number) {
      const [name, url, state] = this.rules.owners[number];
      const shown = element("span");
      shown.append(linked(name, url && new URL(url, this.site).href));
      if (state) shown.append(" ", element("span", state, `gg-chip gg-${state === "unknown" ? "unresolved" : state === "has left" ? "inactive" : state}`));
      return shown;
    }
    async ask(given) {
      const path = cleaned(given);
      const number = ++this.number;
      const answer = document.createDocumentFragment();
      try {
        this.rules = await this.load("rules.json");
        const parent = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
        const [above, own] = await Promise.all([parent, path].map((folder) => this.load(`${shardOf(folder, this.rules.shards)}.json`)));
        const has = (records, key) => (Object.hasOwn(records, key) ? records[key] : undefined);
        const file = path ? has(above.files, path) : undefined;
        const folder = file ? undefined : has(own.folders, path);
        answer.append(element("h3", folder ? `${path}/` : path));
        if (folder) this.tellFolder(answer, folder);
        else this.tellOwners(answer, path, Boolean(file));
        const record = file ?? folder;
        if (record) {
          this.tellAuthors(answer, record, Boolean(folder));
          this.tellPulls(answer, record.pulls, (file ? above : own).pulls);
        }
      } catch {
        answer.replaceChildren(element("p", "The answer cannot be read. It needs a web server: pages opened from a disk may not fetch."));
      }
      if (number === this.number) this.place.replaceChildren(answer);
    }
    tellOwners(answer, path, isThere) {
      const { file, repository } = this.rules;
      if (!isThere) {
        answer.append(element("p", file ? "There is no such file today; the rule that would match:" : "There is no such file today.", "gg-caption"));
      }
      if (!file) {
        answer.append(element("p", `No owner: ${repository} has no CODEOWNERS file.`));
        return;
      }
      const rules = winning(this.rules, path);
      if (rules === null) {
        answer.append(element("p", `${file} has an expression that a browser cannot try. In a clone, gitguard owners of ${path} answers.`));
        return;
      }
      const owners = [...new Set(rules.flatMap((rule) => rule.owners))];
      if (!owners.length) answer.append(element("p", rules.length ? "No owner: the rule names nobody." : `No owner: no rule of ${file} matches.`));
      if (owners.length) this.list(answer, "Owners", owners.map((owner) => [this.person(owner)]));
      for (const rule of rules) {
        const line = element("p", undefined, "gg-caption");
        const url = this.rules.line.replace("{}", rule.line);
        line.append("By ", linked(`${file}:${rule.line}`, url), " ", element("code", `${rule.negated ? "!" : ""}${rule.pattern}`));
        if (rule.section) line.append(` [${rule.section}]`);
        answer.append(line);
      }
    }
    tellFolder(answer, folder) {
      if (!this.rules.file) {
        answer.append(element("p", `${count(folder.files, "file")}. No owner: ${this.rules.repository} has no CODEOWNERS file.`));
        return;
      }
      this.list(
        answer,
        `Owners of its ${count(folder.files, "file")}`,
        folder.owners.map(([owners, number]) => [
          ...(owners.length ? owners.flatMap((owner) => [this.person(owner), " "]) : ["no owner "]),
          element("span", count(number, "file"), "gg-muted"),
        ]),
      );
      if (folder.more) answer.append(element("p", `and ${folder.more} more sets of owners.`, "gg-caption"));
    }
    tellAuthors(answer, { by: authors, last }, isFolder) {
      if (!authors.length) {
        const nobody = element("p", `Nobody changed it ${YEAR}.`, "gg-caption");
        if (last) nobody.append(" The last was ", this.person(last[0]), `, ${last[1]}.`);
        answer.append(nobody);
        return;
      }
      this.list(
        answer,
        `Who changed it ${YEAR}`,
        authors.map(([owner, number, day]) => [
          this.person(owner),
          " ",
          element("span", `${isFolder ? count(number, "file") : count(number, "change")}, last ${day}`, "gg-muted"),
        ]),
      );
    }
    tellPulls(answer, numbers, pulls) {
      if (!numbers.length) return;
      this.list(
        answer,
        "Latest pull requests there",
        numbers.map((number) => {
          const [title, last, author] = pulls[number];
          const url = this.rules.pull.replace("{}", number);
          const parts = [linked(`#${number} ${title}`, url), " "];
          if (author !== undefined) parts.push(this.rules.owners[author][0], ", ");
          return [...parts, element("span", last, "gg-muted")];
        }),
      );
    }
    list(answer, heading, rows) {
      answer.append(element("p", heading, "gg-who-heading"));
      const list = element("ul", undefined, "gg-rows");
      for (const row of rows) {
        const item = element("li");
        const whole = element("span");
        whole.append(...row);
        item.append(whole);
        list.append(item);
      }
      answer.append(list);
    }
  }

  /* Asks again what the address says; of the page at hand, which a theme may put another in the place of. */
  let atHand = () => {};
  addEventListener("popstate", () => atHand());

  const start = () => {
    atHand = () => {};
    for (const form of document.querySelectorAll("form[data-gg-who]")) {
      if (!form.hidden) continue;
      form.hidden = false;
      const asked = new Asked(form);
      const field = form.elements.path;
      const address = () => new URL(location.href).searchParams.get("path");
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        const url = new URL(location.href);
        url.searchParams.set("path", cleaned(field.value));
        url.hash = "who-to-ask";
        history.pushState(null, "", url);
        asked.ask(field.value);
      });
      atHand = () => {
        field.value = address() ?? "";
        if (address() !== null) asked.ask(field.value);
        else asked.place.replaceChildren();
      };
      if (address() !== null) atHand();
    }
    for (const form of document.querySelectorAll("form[data-gg-who-at-home]")) {
      if (!form.hidden) continue;
      form.hidden = false;
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        const url = new URL(form.querySelector("select").value, location.href);
        url.searchParams.set("path", cleaned(form.elements.path.value));
        url.hash = "who-to-ask";
        location.assign(url);
      });
    }
  };
  if (window.document$) window.document$.subscribe(start);
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
