// What stands under every explorer: its buttons, how a training goes, the numbers as a table, and where they are from.

/** @import { Model } from "./model.js" */
/** @import { Curves } from "./recorded.js" */
import { element } from "./dom.js";
import { COLUMNS, METRICS } from "./recorded.js";
import { trainer } from "./training.js";

/** @typedef {(string | number)[][]} Rows */

/**
 * @typedef {object} Options
 * @property {HTMLElement} first the explorer's own button
 * @property {() => {caption: string, rows: Rows}} numbers for the table: the epoch, and one number for each metric
 * @property {() => {name: string, rows: Rows}} csv
 * @property {() => number} shown as for `trainer`
 * @property {() => void} heard as for `trainer`
 */

/**
 * @param {Model} model
 * @param {Options} options
 */
export function footer(model, { first, numbers, csv, shown, heard }) {
  const training = trainer(model, shown, heard);
  // It scrolls, so it can be reached with the Tab key.
  const space = element("div.explorer-table", { tabindex: 0, role: "group", "aria-label": "The numbers" });
  const tabulate = () => details.open && space.replaceChildren(table(numbers()));
  const details = element("details", { toggle: tabulate }, element("summary", {}, "The numbers as a table"), space);
  const download = element("button", { type: "button", click: () => save(csv()) }, "Download as CSV");
  const buttons = element("div.explorer-buttons", {}, first, download);
  if (model.send) buttons.append(training.button);
  const source = element("p.explorer-source", {}, model.get("_data").source);
  return { training, tabulate, parts: [buttons, training.status, details, source] };
}

/**
 * A table; cells of the first column are headers of their rows.
 * @param {{caption: string, rows: Rows}} content
 */
function table({ caption, rows }) {
  const head = ["epoch", ...Object.values(COLUMNS)].map((text) => element("th", { scope: "col" }, text));
  const body = rows.map(([first, ...others]) => {
    const cells = others.map((value) => element("td", {}, String(value)));
    return element("tr", {}, element("th", { scope: "row" }, String(first)), ...cells);
  });
  return element(
    "table",
    {},
    element("caption", {}, caption),
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...body),
  );
}

/**
 * Have the browser save rows as a file.
 * @param {{name: string, rows: Rows}} content
 */
function save({ name, rows }) {
  const text = rows.map((cells) => cells.join(",")).join("\n") + "\n";
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

/**
 * The means of all epochs, for the table.
 * @param {Curves} curves
 * @returns {Rows}
 */
export const meansTable = (curves) =>
  curves.loss.mean.map((_, n) => [n + 1, ...METRICS.map((metric) => curves[metric].mean[n].toFixed(3))]);

/**
 * The means and standard deviations of all epochs, for a CSV file.
 * @param {Curves} curves
 * @returns {Rows}
 */
export function meansCsv(curves) {
  const head = ["epoch", ...METRICS.flatMap((metric) => [metric, `${metric}_sd`])];
  const columns = METRICS.flatMap((metric) => [curves[metric].mean, curves[metric].spread]);
  return [head, ...curves.loss.mean.map((_, n) => [n + 1, ...columns.map((values) => values[n])])];
}
