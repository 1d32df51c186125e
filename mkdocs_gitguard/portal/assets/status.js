/* Says that the state is unknown where the newest measurement is old, also when no build has been since. */
(() => {
  "use strict";
  const units = [["day", 86400], ["hour", 3600], ["minute", 60]];
  const inWords = (seconds) => {
    const [name, length] = units.find(([, size]) => seconds >= size) || units[2];
    const number = Math.max(0, Math.floor(seconds / length));
    return `${number} ${name}${number === 1 ? "" : "s"}`;
  };
  const look = () => {
    for (const line of document.querySelectorAll("[data-gg-age]")) {
      const at = Date.parse(line.dataset.ggAge);
      if (Number.isNaN(at)) continue;
      const seconds = (Date.now() - at) / 1000;
      let age = line.querySelector(".gg-age");
      if (!age) line.append(" ", (age = Object.assign(document.createElement("span"), { className: "gg-age" })));
      age.textContent = seconds < 0 ? "" : `That was ${inWords(seconds)} ago.`;
      const state = document.querySelector("[data-gg-state]");
      if (!state || seconds <= Number(line.dataset.ggStale) || state.classList.contains("gg-unknown")) continue;
      state.classList.add("gg-unknown");
      const chip = Object.assign(document.createElement("span"), { className: "gg-chip", textContent: "? unknown" });
      const words = document.createElement("strong");
      words.textContent = `Nobody knows how it is now: the newest measurement is ${inWords(seconds)} old. What was known then:`;
      state.prepend(chip, " ", words, " ");
    }
  };
  look();
  if (!window.gitguardStatus) window.gitguardStatus = setInterval(look, 60000);
})();
