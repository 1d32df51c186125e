/* Diagrams: zoom and pan by buttons, keys and drag; copying the source; and drawing with Mermaid, near the reader only. */
(() => {
  "use strict";
  const STEP = 1.25;
  /* In the page's own colours, whichever palette it is in. */
  const THEME = `
    .nodeLabel, .label, .label text, .edgeLabel, .edgeLabel p { color: var(--gg-text); fill: var(--gg-text); }
    .edgeLabel, .edgeLabel p, .edgeLabel rect, .labelBkg { background: var(--gg-back); fill: var(--gg-back); }
    .flowchart-link { stroke: var(--gg-faint); } .marker { fill: var(--gg-faint); stroke: var(--gg-faint); }`;

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
      const copy = button("Copy", "Copy the Mermaid source", async () => {
        await navigator.clipboard.writeText(source.querySelector("code").textContent);
        copy.textContent = "Copied";
        setTimeout(() => (copy.textContent = "Copy"), 2000);
      });
      source.querySelector("pre").before(copy);
    }
    if (figure.dataset.ggMermaid) {
      watching.observe(figure);
      return;
    }
    if (!view) return;
    const waiting = drawing.querySelector(".mermaid:not([data-processed])");
    if (waiting) new MutationObserver(() => close(figure)).observe(waiting, { attributeFilter: ["data-processed"] });
    addTools(view, drawing);
  };

  /* Once it is drawn, the table need not stand open. */
  const close = (figure) => (figure.querySelector(".gg-diagram-table").open = false);

  const addTools = (view, drawing) => {
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

  /* Mermaid is large: it is fetched when the first diagram is near, from the site itself. */
  let fetching = null;
  const mermaid = (url) =>
    (fetching ??= new Promise((resolve, reject) => {
      if (window.mermaid?.render) return resolve(window.mermaid);
      const script = document.createElement("script");
      script.src = url;
      script.onload = () => resolve(window.mermaid);
      script.onerror = () => reject(new Error(url));
      document.head.append(script);
    }).then((loaded) => {
      loaded.initialize({ startOnLoad: false, securityLevel: "strict", theme: "base", themeCSS: THEME });
      return loaded;
    }));
  let number = 0;
  const draw = async (figure) => {
    const view = figure.querySelector(".gg-diagram-view");
    const drawing = figure.querySelector(".gg-diagram-drawing");
    try {
      const text = figure.querySelector(".gg-diagram-source code").textContent;
      const { svg } = await (await mermaid(figure.dataset.ggMermaid)).render(`gg-mermaid-${(number += 1)}`, text);
      drawing.innerHTML = svg; // Mermaid's own, sanitised by it under "strict"
    } catch {
      return; // the table stands open
    }
    view.hidden = figure.querySelector("figcaption").hidden = false;
    close(figure);
    addTools(view, drawing);
  };
  const watching = new IntersectionObserver(
    (entries) => {
      for (const entry of entries.filter((one) => one.isIntersecting)) {
        watching.unobserve(entry.target);
        draw(entry.target);
      }
    },
    { rootMargin: "300px" },
  );

  const start = () => document.querySelectorAll("[data-gg-diagram]").forEach(dress);
  if (window.document$?.subscribe) window.document$.subscribe(start);
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
