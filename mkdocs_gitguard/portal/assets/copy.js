/* A button that copies the text of a `[data-gg-copy]`. Without this script the text can be selected. */
(() => {
  "use strict";
  const SHOWN = 2000; // milliseconds
  for (const text of document.querySelectorAll("[data-gg-copy]:not([data-gg-ready])")) {
    if (!navigator.clipboard) continue;
    text.dataset.ggReady = "";
    const label = text.dataset.ggCopy;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "gg-more", textContent: label });
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(`${text.textContent.trim()}\n`);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Select the text to copy it";
      }
      setTimeout(() => (button.textContent = label), SHOWN);
    });
    text.before(button);
  }
})();
