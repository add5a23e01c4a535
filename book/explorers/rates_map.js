// The map: a grid of which one cell at a time can be reached with the Tab key, and all with the arrow keys.

/** @import { Data, Quantity } from "./rates_words.js" */
/** @import { Axis } from "./view.js" */
import { element } from "./dom.js";
import { written } from "./numbers.js";
import { cellWords, valueWords } from "./rates_words.js";

/**
 * Where a key leads.
 * @param {KeyboardEvent} event
 * @param {number} here counted row by row
 * @param {number} rows
 * @param {number} columns
 * @returns {number | undefined} undefined if it is no key of the map
 */
function target({ key, ctrlKey }, here, rows, columns) {
  const [column, last] = [here % columns, rows * columns - 1];
  const start = here - column;
  /** @type {Record<string, number>} */
  const to = ctrlKey
    ? { Home: 0, End: last }
    : {
        ArrowLeft: Math.max(start, here - 1),
        ArrowRight: Math.min(start + columns - 1, here + 1),
        ArrowUp: here < columns ? here : here - columns,
        ArrowDown: here + columns > last ? here : here + columns,
        Home: start,
        End: start + columns - 1,
        PageUp: column,
        PageDown: last - columns + 1 + column,
        Enter: here,
        " ": here,
      };
  return Object.hasOwn(to, key) ? to[key] : undefined;
}

/** @param {Axis[]} axes @param {HTMLElement[]} fields @param {(event: KeyboardEvent) => void} keydown */
function grid([rates, batches], fields, keydown) {
  const columns = batches.values.length;
  const header = (/** @type {string} */ role, /** @type {string} */ text) =>
    element("div.explorer-head", { role }, text);
  const row = (/** @type {Node[]} */ ...cells) => element("div.explorer-row", { role: "row" }, ...cells);
  return element(
    "div.explorer-map",
    { role: "grid", "aria-readonly": "true", keydown },
    row(header("columnheader", "rate"), ...batches.values.map((size) => header("columnheader", written(size)))),
    ...rates.values.map((rate, n) =>
      row(header("rowheader", String(rate)), ...fields.slice(n * columns, (n + 1) * columns)),
    ),
  );
}

/**
 * Draw a cell, if it is not so already: most stay as they are.
 * @param {HTMLElement} field
 * @param {Data} data
 * @param {Quantity} quantity
 * @param {{place: number, selected: boolean, pinned: boolean}} state
 */
function drawField(field, data, quantity, { place, selected, pinned }) {
  const marks = `${selected ? " selected" : ""}${pinned ? " pinned" : ""}`;
  const drawn = quantity.name + marks;
  if (field.dataset.drawn === drawn) return;
  field.dataset.drawn = drawn;
  const cell = quantity.cells[place];
  field.className = `explorer-cell ${Number.isNaN(cell.value) ? "diverged" : `step-${cell.step}`}${marks}`;
  field.textContent = cell.text;
  const words = `${cellWords(data, place)}: ${valueWords(quantity, cell)}`;
  field.setAttribute("aria-label", `${words}${pinned ? ", pinned" : ""}`);
  field.setAttribute("aria-selected", String(selected));
  field.tabIndex = selected ? 0 : -1;
}

/** What the colours stand for. @param {HTMLElement} scale @param {Quantity} quantity */
function drawScale(scale, { name, scale: label, bounds, cells }) {
  if (scale.dataset.drawn === name) return;
  scale.dataset.drawn = name;
  scale.setAttribute("aria-label", label);
  scale.replaceChildren(...["", ...bounds].map((text, n) => element(`span.step-${n}`, {}, element("span", {}, text))));
  const gone = cells.find(({ value }) => Number.isNaN(value));
  if (gone) scale.append(element("span.explorer-gone", {}, `${gone.text} diverged`));
}

/**
 * @param {Data} data
 * @param {(place: number) => void} select is called with the place of the cell that the reader chooses
 */
export function makeMap(data, select) {
  const [rows, columns] = data.axes.map(({ values }) => values.length);
  /** @type {HTMLElement[]} */
  const fields = data.runs.map((_, place) =>
    element("div.explorer-cell", { role: "gridcell", click: () => select(place) }),
  );
  const steer = (/** @type {KeyboardEvent} */ event) => {
    const here = fields.indexOf(/** @type {HTMLElement} */ (event.target));
    if (here < 0 || event.altKey || event.metaKey || event.shiftKey) return;
    const to = target(event, here, rows, columns);
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    // First, while there is nothing yet to lay out.
    fields[to].focus();
    select(to);
  };
  const title = element("figcaption");
  const head = element("div.explorer-columns", { "aria-hidden": "true" }, "batch size");
  const map = grid(data.axes, fields, steer);
  const scale = element("div.explorer-scale", { role: "img" });
  return {
    box: element("figure", {}, title, head, map, scale),
    /** @param {Quantity} quantity @param {number} here @param {number | null} pinned */
    show(quantity, here, pinned) {
      title.textContent = quantity.heading;
      map.setAttribute("aria-label", `${quantity.title}. Rows: learning rate. Columns: batch size.`);
      fields.forEach((field, place) =>
        drawField(field, data, quantity, { place, selected: place === here, pinned: place === pinned }),
      );
      drawScale(scale, quantity);
    },
  };
}
