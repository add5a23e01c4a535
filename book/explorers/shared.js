// What the explorers share. A widget's module is loaded from a string and can import no file, so Python puts this one in
// front of each of them (book/explorers/widget.py).

/**
 * What anywidget and the static page (assets/explorers.js) hand to a module.
 * @typedef {object} Model
 * @property {(name: string) => any} get
 * @property {(name: string, value: unknown) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, callback: (...values: any[]) => void) => void} on
 * @property {(event: string, callback?: (...values: any[]) => void) => void} off
 * @property {(content: object) => void} [send] to the kernel; a page has none
 */

/**
 * The mean and the standard deviation over seeds of one metric, one number an epoch.
 * @typedef {{mean: number[], spread: number[]}} Curve
 */

/** @typedef {{loss: Curve, accuracy: Curve, val_loss: Curve, val_accuracy: Curve, seeds: number}} Curves */

const METRICS = /** @type {const} */ (["loss", "accuracy", "val_loss", "val_accuracy"]);
/** What a table calls them. */
const COLUMNS = ["training loss", "training accuracy", "validation loss", "validation accuracy"];
const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element: `element("p.note", {id: "a"}, "text")`, or one of SVG: `element("svg:path", {d: "M0 0"})`.
 * A function among the attributes is a listener; false or null leaves one out.
 * @param {string} what
 * @param {Record<string, any>} [attributes]
 * @param {...(Node | string)} children
 * @returns {any}
 */
function element(what, attributes = {}, ...children) {
  const [tag, ...classes] = what.replace("svg:", "").split(".");
  const made = what.startsWith("svg:") ? document.createElementNS(SVG, tag) : document.createElement(tag);
  if (classes.length) made.setAttribute("class", classes.join(" "));
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== false && value !== null) made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children);
  return made;
}

/** @typedef {[what: string, attributes: Record<string, string | number>, text?: string]} Shape as for `element` */

/**
 * Give a parent these children. Those that are of the right kind already are changed and not made anew: a browser shows
 * that sooner.
 * @param {Element} parent
 * @param {Shape[]} shapes
 */
function become(parent, shapes) {
  shapes.forEach(([what, attributes, text], n) => {
    const there = /** @type {any} */ (parent.childNodes[n]);
    if (there?.shape !== what) {
      const made = element(what, attributes, ...(text ? [text] : []));
      made.shape = what;
      if (there) there.replaceWith(made);
      else parent.append(made);
      return;
    }
    for (const [name, value] of Object.entries(attributes)) {
      if (there.getAttribute(name) !== String(value)) there.setAttribute(name, value);
    }
    if (text && there.textContent !== text) there.textContent = text;
  });
  while (parent.childNodes.length > shapes.length) parent.lastChild?.remove();
}

/**
 * Read a list of differences, of thousandths, bit by bit.
 * @param {number[]} differences
 * @param {number} epochs
 * @returns {() => number[]} gives the next curve, one number an epoch
 */
function curvesOf(differences, epochs) {
  let at = 0;
  return () => {
    let sum = 0;
    return Array.from({ length: epochs }, () => (sum += differences[at++]) / 1000);
  };
}

/**
 * Unpack what `pack` in book/explorers/widget.py packed: thousandths, each as its difference from the one before.
 * @param {{epochs: number, runs: {seeds: number, curves: number[]}[]}} data
 * @returns {(place: number) => Curves} unpacks one when it is asked for, so that no page waits for all
 */
function unpack({ epochs, runs }) {
  /** @type {Curves[]} */
  const unpacked = [];
  return (place) => {
    if (!unpacked[place]) {
      const { seeds, curves } = runs[place];
      const next = curvesOf(curves, epochs);
      const made = /** @type {any} */ ({ seeds });
      for (const metric of METRICS) made[metric] = { mean: next(), spread: next() };
      unpacked[place] = made;
    }
    return unpacked[place];
  };
}

/** @param {number[]} values @returns {number} the place of the smallest */
const lowest = (values) => values.indexOf(Math.min(...values));

/** @param {number} share @returns {string} */
const percent = (share) => `${(100 * share).toFixed(1)} %`;

const NUMBERS = new Intl.NumberFormat("en");

/** Numbers as people write them: 15,000. @param {number | string} value @returns {string} */
const written = (value) => (typeof value === "number" ? NUMBERS.format(value) : value);

/**
 * A chart with a fixed scale, as wide as its box. `draw` is called on every change and touches only what moves.
 * @param {{title: string, x: {label: string, ticks: [number, string][], min: number, max: number},
 *   y: {ticks: number[], min: number, max: number, format: (value: number) => string}, label: string}} options
 */
function chart({ title, x, y, label }) {
  const height = 210;
  const edge = { left: 44, right: 8, top: 10, bottom: 36 };
  const svg = element("svg:svg.explorer-chart", { role: "img", "aria-label": label, height });
  const frame = element("svg:g");
  const content = element("svg:g");
  svg.append(frame, content);
  const box = element("figure.explorer-panel", {}, element("figcaption", {}, title), svg);
  let width = 0;
  /** @type {(() => void) | null} */
  let redraw = null;
  const across = (/** @type {number} */ value) =>
    edge.left + ((value - x.min) / (x.max - x.min)) * (width - edge.left - edge.right);
  // What lies above the scale is drawn at its end.
  const down = (/** @type {number} */ value) => {
    const share = Math.min(1.02, Math.max(0, (value - y.min) / (y.max - y.min)));
    return height - edge.bottom - share * (height - edge.top - edge.bottom);
  };

  function drawFrame() {
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    frame.replaceChildren();
    for (const tick of y.ticks) {
      frame.append(
        element("svg:line.explorer-grid", { x1: edge.left, x2: width - edge.right, y1: down(tick), y2: down(tick) }),
        element("svg:text", { x: edge.left - 6, y: down(tick) + 4, "text-anchor": "end" }, y.format(tick)),
      );
    }
    const room = (width - edge.left - edge.right) / x.ticks.length;
    const every = room < 32 ? Math.ceil(32 / room) : 1;
    x.ticks.forEach(([value, text], number) => {
      if (number % every) return;
      frame.append(
        element("svg:text", { x: across(value), y: height - edge.bottom + 16, "text-anchor": "middle" }, text),
      );
    });
    frame.append(
      element("svg:text", { x: (edge.left + width - edge.right) / 2, y: height - 4, "text-anchor": "middle" }, x.label),
    );
  }

  /** @param {number} now */
  function resize(now) {
    if (Math.abs(now - width) < 1) return;
    width = now;
    drawFrame();
    redraw?.();
  }
  new ResizeObserver(([entry]) => resize(entry.contentRect.width)).observe(box);

  return {
    box,
    /** @param {{label: string, x?: typeof x, y?: typeof y}} change what is left out stays */
    relabel(change) {
      svg.setAttribute("aria-label", change.label);
      const before = JSON.stringify([x, y]);
      x = change.x ?? x;
      y = change.y ?? y;
      if (width && JSON.stringify([x, y]) !== before) drawFrame();
    },
    /**
     * @param {{kind: string, points: [number, number][], spread?: number[], marks?: boolean}[]} lines
     * @param {{kind: string, at: [number, number], text?: string}[]} marks
     */
    draw(lines, marks = []) {
      redraw = () => {
        /** @type {Shape[]} */
        const drawn = [];
        for (const { kind, points, spread, marks: dots } of lines) {
          const seen = points.filter(([, value]) => Number.isFinite(value));
          const path = seen.map(([at, value], n) => `${n ? "L" : "M"}${across(at).toFixed(1)} ${down(value).toFixed(1)}`);
          if (spread) {
            const low = points.map(([at, value], n) => `${across(at).toFixed(1)} ${down(value - spread[n]).toFixed(1)}`);
            const high = points.map(([at, value], n) => `${across(at).toFixed(1)} ${down(value + spread[n]).toFixed(1)}`);
            drawn.push([`svg:path.explorer-band.${kind}`, { d: `M${[...low, ...high.reverse()].join("L")}Z` }]);
          }
          drawn.push([`svg:path.explorer-line.${kind}`, { d: path.join("") }]);
          if (dots) {
            for (const [at, value] of seen) {
              drawn.push([`svg:circle.explorer-dot.${kind}`, { cx: across(at), cy: down(value), r: 3 }]);
            }
          }
        }
        for (const { kind, at, text } of marks) {
          const [left, top] = [across(at[0]), down(at[1])];
          if (kind === "here") {
            drawn.push(["svg:line.explorer-here", { x1: left, x2: left, y1: edge.top, y2: height - edge.bottom }]);
          } else {
            const star = "M0-7 1.8-2.2 6.9-2 2.9 1.1 4.3 6 0 3.1-4.3 6-2.9 1.1-6.9-2-1.8-2.2Z";
            drawn.push([`svg:path.explorer-star.${kind}`, { d: star, transform: `translate(${left} ${top})` }]);
          }
          if (text) {
            const right = left > width / 2;
            drawn.push([
              "svg:text.explorer-mark",
              { x: left + (right ? -9 : 9), y: Math.max(top - 8, 12), "text-anchor": right ? "end" : "start" },
              text,
            ]);
          }
        }
        become(content, drawn);
      };
      if (width) redraw();
    },
  };
}

/**
 * A horizontal axis of epochs.
 * @param {number} epochs
 */
function epochAxis(epochs) {
  const x = { label: "epoch", ticks: /** @type {[number, string][]} */ ([]), min: 1, max: epochs };
  for (let epoch = 5; epoch <= epochs; epoch += 5) x.ticks.push([epoch, String(epoch)]);
  return x;
}

/**
 * Round ends for a scale from zero: the largest value, rounded up, and four steps to it.
 * @param {number} most
 * @returns {number[]}
 */
function ticksTo(most) {
  const step = [0.05, 0.1, 0.2, 0.25, 0.5, 1, 2, 5].find((size) => size * 5 >= most) ?? 10;
  return Array.from({ length: Math.ceil(most / step - 1e-9) + 1 }, (_, n) => n * step);
}

let count = 0;

/** A name that no other part of the page has, nor another explorer on it. */
const unique = () => `explorer-${++count}-${Math.random().toString(36).slice(2)}`;

/**
 * A labelled slider over a list of values, with what it is set to beside it.
 * @param {{label: string, values: (number | string)[], change: (index: number) => void}} options
 */
function slider({ label, values, change }) {
  const id = unique();
  const input = element("input", { type: "range", id, min: 0, max: values.length - 1, step: 1 });
  const output = element("output", { for: id });
  const show = () => {
    output.textContent = written(values[input.valueAsNumber]);
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", () => {
    show();
    change(input.valueAsNumber);
  });
  return {
    box: element("div.explorer-slider", {}, element("label", { for: id }, label), input, output),
    /** @param {number} index */
    set(index) {
      if (input.valueAsNumber !== index || !output.textContent) {
        input.value = String(index);
        show();
      }
    },
  };
}

/**
 * A group of radio buttons.
 * @param {{label: string, values: (number | string)[], change: (index: number) => void}} options
 */
function choice({ label, values, change }) {
  const name = unique();
  const inputs = values.map((_, index) =>
    element("input", { type: "radio", name, value: index, change: () => change(index) }),
  );
  const labels = values.map((value, index) => element("label", {}, inputs[index], element("span", {}, written(value))));
  return {
    box: element("fieldset.explorer-choice", {}, element("legend", {}, label), ...labels),
    /** @param {number} index -1 for none */
    set(index) {
      inputs.forEach((input, number) => (input.checked = number === index));
    },
  };
}

/**
 * Make a table; cells of the first column are headers of their rows.
 * @param {string} caption
 * @param {string[]} head
 * @param {(string | number)[][]} rows
 */
function table(caption, head, rows) {
  return element(
    "table",
    {},
    element("caption", {}, caption),
    element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
    element(
      "tbody",
      {},
      ...rows.map(([first, ...others]) =>
        element(
          "tr",
          {},
          element("th", { scope: "row" }, String(first)),
          ...others.map((value) => element("td", {}, String(value))),
        ),
      ),
    ),
  );
}

/**
 * Have the browser save a text as a file.
 * @param {string} name
 * @param {string} text
 */
function save(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

/**
 * The part of the page's address that belongs to an explorer: `?name=a~b~c`. Only on a page; a notebook's address is
 * not ours.
 * @param {Model} model
 * @param {string} name
 */
function address(model, name) {
  const on = !model.send;
  let waiting = 0;
  return {
    /** @returns {string[]} */
    read: () => (on ? (new URLSearchParams(location.search).get(name) ?? "").split("~").filter(Boolean) : []),
    /** @param {(string | number)[]} parts */
    write(parts) {
      if (!on) return;
      // Once the reader pauses: it takes a browser some milliseconds, and some allow it only so often.
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        const url = new URL(location.href);
        url.searchParams.set(name, parts.join("~"));
        try {
          history.replaceState(history.state, "", url);
        } catch {
          // Some browsers let no local file change its address.
        }
      }, 200);
    },
  };
}

/** @typedef {Record<typeof METRICS[number], number[]>} History as Keras returns it */

/**
 * Training in the kernel: the button that starts and stops it, and the line that says how far it is.
 * @param {Model} model
 * @param {(history: History | undefined) => void} heard is called on every message from the kernel, with the history so
 *   far if there is a new one
 */
function trainer(model, heard) {
  const status = element("p.explorer-status", { role: "status" });
  const press = () => model.send?.({ do: model.get("training") ? "stop" : "train" });
  const button = element("button", { type: "button", click: press }, "Train this now");
  const onTraining = () => {
    button.textContent = model.get("training") ? "Stop" : "Train this now";
  };
  const onMessage = (/** @type {any} */ message) => {
    if (message.status !== undefined) status.textContent = message.status;
    heard(message.history);
  };
  model.on("change:training", onTraining);
  model.on("msg:custom", onMessage);
  onTraining();
  return {
    button,
    status,
    release() {
      model.off("change:training", onTraining);
      model.off("msg:custom", onMessage);
    },
  };
}

/**
 * What stands under every explorer: its buttons, how a training goes, the numbers as a table, and where they are from.
 * @param {Model} model
 * @param {{first: HTMLElement, numbers: () => HTMLElement, csv: () => {name: string, rows: (string | number)[][]},
 *   heard: (history: History | undefined) => void}} options `first`: the explorer's own button; `heard`: as for
 *   `trainer`
 */
function footer(model, { first, numbers, csv, heard }) {
  const training = trainer(model, heard);
  // It scrolls, so it can be reached with the Tab key.
  const space = element("div.explorer-table", { tabindex: 0, role: "group", "aria-label": "The numbers" });
  const tabulate = () => details.open && space.replaceChildren(numbers());
  const details = element("details", { toggle: tabulate }, element("summary", {}, "The numbers as a table"), space);
  const download = () => {
    const { name, rows } = csv();
    save(name, rows.map((cells) => cells.join(",")).join("\n") + "\n");
  };
  const buttons = element("div.explorer-buttons", {}, first, element("button", { type: "button", click: download }, "Download as CSV"));
  if (model.send) buttons.append(training.button);
  const source = element("p.explorer-source", {}, model.get("_data").source);
  return { training, buttons, status: training.status, details, source, tabulate };
}

/**
 * What the lines of the charts mean.
 * @param {Record<string, string>} entries by the name of their look
 */
function legend(entries) {
  return element("p.explorer-legend", {}, ...Object.entries(entries).map(([kind, text]) => element(`span.${kind}`, {}, text)));
}

const MEANING = {
  training: "training",
  validation: "validation",
  best: "lowest validation loss",
  pinned: "pinned, validation",
};

/**
 * The means of all epochs as a table.
 * @param {string} caption
 * @param {Curves} curves
 */
function meansTable(caption, curves) {
  const rows = curves.loss.mean.map((_, n) => [n + 1, ...METRICS.map((metric) => curves[metric].mean[n].toFixed(3))]);
  return table(caption, ["epoch", ...COLUMNS], rows);
}

/**
 * The means and standard deviations of all epochs, as rows for a CSV file.
 * @param {Curves} curves
 * @returns {(string | number)[][]}
 */
function meansRows(curves) {
  const head = ["epoch", ...METRICS.flatMap((metric) => [metric, `${metric}_sd`])];
  const cells = (/** @type {number} */ n) => METRICS.flatMap((metric) => [curves[metric].mean[n], curves[metric].spread[n]]);
  return [head, ...curves.loss.mean.map((_, n) => [n + 1, ...cells(n)])];
}

/**
 * Say on a button, and by an attribute for the legend, whether something is pinned.
 * @param {HTMLElement} button
 * @param {HTMLElement} el the explorer
 * @param {string} one what it is called
 * @param {string | null} pinned what is pinned, in words
 */
function showPin(button, el, one, pinned) {
  button.textContent = pinned ? `Unpin ${pinned}` : `Pin this ${one}`;
  button.setAttribute("aria-pressed", String(Boolean(pinned)));
  el.toggleAttribute("data-pinned", Boolean(pinned));
}

/**
 * The lines of a training that is going on, drawn over the recorded ones.
 * @param {History | null} live
 * @param {"loss" | "accuracy"} metric
 */
function liveLines(live, metric) {
  return live
    ? ["training", "validation"].map((kind, n) => ({
        kind: `${kind}.live`,
        points: live[n ? /** @type {const} */ (`val_${metric}`) : metric].map((v, e) => /** @type {[number, number]} */ ([e + 1, v])),
      }))
    : [];
}
