// What `book preview` adds to each page: it loads a page again when it has been written anew, where the reader was, and
// shows what is being executed and what is wrong.
"use strict";
(() => {
  /** @typedef {{cell: number, of: number, seconds: number}} Run */
  /** @typedef {{version: string, building: boolean, running: Record<string, Run>, faults: string[]}} News */
  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  const { page = "", version = "" } = script.dataset;
  const PLACE = "book-preview-place";
  const STYLE = `
    :host { position: fixed; inset: auto 0 0 0; z-index: 2000; font: 0.9rem/1.4 sans-serif; pointer-events: none; }
    div { pointer-events: auto; box-sizing: border-box; max-width: 60rem; margin: 0 auto 0.5rem; padding: 0.5rem 0.8rem;
      color: #fff; background: #24292f; border: 1px solid #8c959f; border-radius: 0.4rem; }
    #status { width: fit-content; }
    #faults { border: 2px solid #ff8182; max-height: 40vh; overflow: auto; }
    [hidden] { display: none; }
    h2 { font-size: 1rem; margin: 0; }
    ul { margin: 0.3rem 0; padding-left: 1.2rem; }
    li { white-space: pre-wrap; overflow-wrap: anywhere; font-family: monospace; }
    button { float: right; font: inherit; color: #24292f; background: #fff; border: 0; border-radius: 0.3rem; }
    @media print { :host { display: none; } }`;

  /**
   * @param {string} name
   * @param {Record<string, string>} attributes
   */
  function element(name, attributes = {}) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  const host = element("div", { id: "book-preview" });
  const root = host.attachShadow({ mode: "open" });
  const style = element("style");
  style.textContent = STYLE;
  const status = element("div", { id: "status", role: "status", hidden: "" });
  const now = element("span");
  const time = element("span", { "aria-hidden": "true" }); // read out each second, it would drown the page
  status.append(now, time);
  const faults = element("div", { id: "faults", role: "alert", hidden: "" });
  root.append(style, status, faults);
  document.body.append(host);

  /** The last section that begins above the top of the window, and how far above. */
  function place() {
    let found = { id: "", top: -window.scrollY };
    for (const section of document.querySelectorAll("section[id]")) {
      const { top } = section.getBoundingClientRect();
      if (top <= 120) found = { id: section.id, top };
    }
    return { page, ...found };
  }

  function goBack() {
    const kept = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
    if (kept?.page !== page) return;
    const section = document.getElementById(kept.id);
    const top = section ? section.getBoundingClientRect().top + window.scrollY : 0;
    window.scrollTo({ top: top - kept.top, behavior: "instant" });
  }

  function reload() {
    news?.close();
    sessionStorage.setItem(PLACE, JSON.stringify(place()));
    location.reload();
  }

  let shown = "";
  /** @param {string[]} said */
  function showFaults(said) {
    if (said.join("\n") === shown) return; // also where the reader has closed them
    shown = said.join("\n");
    faults.hidden = said.length === 0;
    const close = element("button", { type: "button" });
    close.textContent = "Close";
    close.addEventListener("click", () => (faults.hidden = true));
    const heading = element("h2");
    heading.textContent = said.length === 1 ? "1 fault" : `${said.length} faults`;
    const list = element("ul");
    for (const fault of said) {
      const item = element("li");
      item.textContent = fault;
      list.append(item);
    }
    faults.replaceChildren(close, heading, list);
  }

  /**
   * @param {string} text
   * @param {string} rest
   */
  function showStatus(text, rest = "") {
    status.hidden = text === "";
    if (now.textContent !== text) now.textContent = text;
    time.textContent = rest;
  }

  /** @param {News} told */
  function show(told) {
    if (told.version !== version) {
      reload();
      return;
    }
    showFaults(told.faults);
    const pages = Object.keys(told.running).sort((one, other) => Number(other === page) - Number(one === page));
    if (pages.length === 0) {
      showStatus(told.building ? "The site is being built." : "");
      return;
    }
    const run = told.running[pages[0]];
    const others = pages.length > 1 ? ` (and ${pages.length - 1} more)` : "";
    const cell = run.cell ? `cell ${run.cell} of ${run.of}` : `starting, ${run.of} cells`;
    showStatus(`${pages[0] === page ? "This page" : pages[0]} is being executed: ${cell}${others}`, `, ${run.seconds} s`);
  }

  /** @type {EventSource | null} */
  let news = null;
  function listen() {
    news?.close();
    news = null;
    if (document.hidden) return; // a browser keeps few connections to one server
    news = new EventSource(`/_preview/events?page=${encodeURIComponent(page)}`);
    news.onmessage = (event) => show(JSON.parse(event.data));
    news.onerror = () => {
      showStatus("No preview answers. Is `book preview` running?");
      if (news?.readyState === EventSource.CLOSED) setTimeout(listen, 1000);
    };
  }

  document.addEventListener("visibilitychange", listen);
  window.addEventListener("pageshow", (event) => event.persisted && listen());
  window.addEventListener("pagehide", () => news?.close());
  goBack();
  window.addEventListener("load", () => {
    goBack(); // what came in after the text has moved it
    sessionStorage.removeItem(PLACE);
  });
  listen();
})();
