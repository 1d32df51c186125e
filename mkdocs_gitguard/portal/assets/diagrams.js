/* Diagrams: zoom and pan by buttons, keys and drag; copying the source. Works on whatever draws the diagram. */
(() => {
  "use strict";
  const STEP = 1.25;

  const button = (text, label, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.setAttribute("aria-label", label);
    made.title = label;
    made.addEventListener("click", act);
    return made;
  };

  const dress = (figure) => {
    if (figure.dataset.ggReady) return;
    figure.dataset.ggReady = "1";
    const view = figure.querySelector(".gg-diagram-view");
    const drawing = figure.querySelector(".gg-diagram-drawing");
    const source = figure.querySelector(".gg-diagram-source");
    if (source) {
      /* The text waits in the drawing's place. Whoever draws it does so later: in a task of its own. */
      const text = source.querySelector("code");
      const waiting = drawing?.querySelector("pre.mermaid");
      if (!text.textContent && waiting) {
        text.textContent = waiting.textContent;
        source.hidden = false;
      }
      const copy = button("Copy", "Copy the Mermaid source", async () => {
        await navigator.clipboard.writeText(source.querySelector("code").textContent);
        copy.textContent = "Copied";
        setTimeout(() => (copy.textContent = "Copy"), 2000);
      });
      source.querySelector("pre").before(copy);
    }
    if (!view || !drawing) return;
    view.tabIndex = 0;
    let scale = 1;
    const zoom = (to) => {
      scale = Math.min(8, Math.max(0.2, to));
      drawing.style.transform = `scale(${scale})`;
    };
    const fit = () => {
      zoom(1);
      view.scrollTo(0, 0);
    };
    const tools = document.createElement("div");
    tools.className = "gg-diagram-tools";
    tools.append(
      button("\u2212", "Zoom out", () => zoom(scale / STEP)),
      button("+", "Zoom in", () => zoom(scale * STEP)),
      button("Fit", "Fit the width", fit),
    );
    view.before(tools);
    view.addEventListener("keydown", (event) => {
      const keys = { "+": () => zoom(scale * STEP), "=": () => zoom(scale * STEP), "-": () => zoom(scale / STEP), 0: fit };
      if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
      event.preventDefault();
      keys[event.key]();
    });
    let from = null;
    view.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "mouse" || event.button !== 0) return;
      from = { x: event.clientX + view.scrollLeft, y: event.clientY + view.scrollTop };
    });
    view.addEventListener("pointermove", (event) => {
      if (!from || !(event.buttons & 1)) return;
      view.scrollLeft = from.x - event.clientX;
      view.scrollTop = from.y - event.clientY;
    });
    view.addEventListener("pointerup", () => (from = null));
    view.addEventListener("pointerleave", () => (from = null));
  };

  /* Material draws `pre.mermaid` itself; on another theme it is on us. */
  const drawElsewhere = () => {
    const waiting = document.querySelectorAll(".gg-diagram pre.mermaid");
    if (!waiting.length || document.querySelector("[data-md-component]") || !window.mermaid?.run) return;
    for (const block of waiting) block.textContent = block.textContent;
    window.mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });
    window.mermaid.run({ nodes: waiting });
  };

  const start = () => {
    document.querySelectorAll("[data-gg-diagram]").forEach(dress);
    drawElsewhere();
  };
  if (window.document$?.subscribe) window.document$.subscribe(start);
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
