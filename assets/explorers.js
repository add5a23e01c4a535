// Shows the explorers of a page that has no kernel: gives each widget's module, which the page carries, its state and a
// place to draw. A classic script, so that it works in a page opened from a disk as well.
(() => {
  /** The part of anywidget's model that a module uses, without a kernel behind it. @param {Record<string, any>} state */
  function makeModel(state) {
    /** @type {Record<string, Set<(...values: any[]) => void>>} */
    const listeners = {};
    return {
      get: (/** @type {string} */ name) => state[name],
      set(/** @type {string} */ name, /** @type {unknown} */ value) {
        if (state[name] === value) return;
        state[name] = value;
        for (const callback of listeners[`change:${name}`] ?? []) callback();
      },
      save_changes() {},
      on: (/** @type {string} */ event, /** @type {() => void} */ callback) => (listeners[event] ??= new Set()).add(callback),
      off: (/** @type {string} */ event, /** @type {() => void} */ callback) => listeners[event]?.delete(callback),
    };
  }

  /** @param {string} type */
  const scripts = (type) =>
    /** @type {HTMLScriptElement[]} */ ([...document.querySelectorAll(`script[type="application/vnd.jupyter.widget-${type}+json"]`)]);

  // Nobody waits for an explorer while the page itself is not there yet; and each takes its turn.
  const idle = () =>
    new Promise((done) => ("requestIdleCallback" in window ? requestIdleCallback(done, { timeout: 2000 }) : setTimeout(done, 50)));

  async function show() {
    if (document.readyState !== "complete") await new Promise((done) => addEventListener("load", done, { once: true }));
    await idle();
    const states = Object.assign({}, ...scripts("state").map((script) => JSON.parse(script.textContent ?? "{}").state));
    const styles = new Set();
    for (const script of scripts("view")) {
      const state = states[JSON.parse(script.textContent ?? "{}").model_id]?.state;
      if (!state?._esm) continue;
      const address = URL.createObjectURL(new Blob([state._esm], { type: "text/javascript" }));
      const { default: widget } = await import(address);
      URL.revokeObjectURL(address);
      if (!styles.has(state._css)) {
        styles.add(state._css);
        document.head.append(Object.assign(document.createElement("style"), { textContent: state._css }));
      }
      await idle();
      const place = document.createElement("div");
      widget.render({ model: makeModel(state), el: place });
      // What is drawn takes the place of the still picture, which paper keeps.
      script.after(place);
      script.closest(".explorer-output")?.querySelector(".explorer-still")?.setAttribute("data-replaced", "");
    }
  }

  show();
})();
