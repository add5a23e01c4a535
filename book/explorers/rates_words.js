// What the map of learning rate and batch size says. Cells are counted row by row.

/** @import { Curves, Metric, Packed, Score } from "./recorded.js" */
/** @import { Axis } from "./view.js" */
import { lossText, percent, written } from "./numbers.js";
import { differ } from "./recorded.js";

/** `value`: NaN where a run has diverged; `step`: the colour. @typedef {Score & {step: number, text: string}} Cell */

/**
 * What the map can show.
 * @typedef {object} Quantity
 * @property {string} name
 * @property {string} title
 * @property {string} heading the title, with its unit
 * @property {boolean} share whether it is a share of one: more is better
 * @property {boolean} lowest whether it is the lowest of all epochs, not the last
 * @property {string[]} bounds between colours
 * @property {string} scale what the colours stand for
 * @property {Cell[]} cells
 */

/**
 * @typedef {object} Data
 * @property {Axis[]} axes the rate, and the size of a batch
 * @property {Quantity[]} quantities
 * @property {number[]} diverged runs of each cell
 * @property {number} epochs of a run that has not diverged
 * @property {Metric[]} metrics
 * @property {Packed[]} runs
 */

/**
 * What is seen; `curves` are those of the cell `here`.
 * @typedef {{data: Data, quantity: Quantity, here: number, pinned: number | null, curves: Curves}} Seen
 */

/** @param {Data} data @param {number} place @returns {string} */
function batchWords({ axes: [, { values }] }, place) {
  return `batches of ${written(values[place % values.length])}`;
}

/** A cell in words. @param {Data} data @param {number} place @returns {string} */
export function cellWords(data, place) {
  const [rates, batches] = data.axes;
  return `rate ${rates.values[Math.floor(place / batches.values.length)]} with ${batchWords(data, place)}`;
}

/** What a cell holds, in a sentence. @param {Quantity} quantity @param {Cell} cell @returns {string} */
export function valueWords({ share }, { value, text }) {
  if (Number.isNaN(value)) return "diverged";
  if (share) return `${text} %`;
  return value < 0.0005 ? "below 0.001" : text;
}

/**
 * Say by how much another score differs, if that is clear.
 * @param {Quantity} quantity
 * @param {Score} mine
 * @param {Score} other
 * @returns {string}
 */
function difference({ share }, mine, other) {
  if (!differ(mine, other)) return "no clear difference";
  const by = other.value - mine.value;
  const size = Math.abs(by);
  return `${share ? `${(100 * size).toFixed(1)} points` : lossText(size)} ${by > 0 ? "more" : "less"}`;
}

/** @param {Quantity} quantity @param {number} a @param {number} b places @returns {boolean} whether a is better */
function isBetter({ share, cells }, a, b) {
  const [one, two] = [cells[a].value, cells[b].value];
  if (Number.isNaN(one) || Number.isNaN(two)) return Number.isNaN(two) && !Number.isNaN(one);
  return share ? one > two : one < two;
}

/** The value of a cell, and how it differs from here. @param {Seen} seen @param {number} place @returns {string} */
function about({ quantity, here }, place) {
  const [mine, other] = [quantity.cells[here], quantity.cells[place]];
  const text = valueWords(quantity, other);
  return Number.isNaN(mine.value) ? text : `${text}, ${difference(quantity, mine, other)}`;
}

/** What came of the cell. @param {Seen} seen @returns {string} */
function outcome({ data, quantity, here, curves }) {
  const subject = `At ${cellWords(data, here)}`;
  const value = valueWords(quantity, quantity.cells[here]);
  if (data.diverged[here]) return divergence(data.diverged[here], subject, curves, quantity, value);
  if (quantity.share) {
    return `${subject} the network is right about ${value} of the validation digits after ${data.epochs} epochs.`;
  }
  if (!quantity.lowest) return `${subject} the training loss of epoch ${data.epochs} is ${value}.`;
  const end = curves.best === data.epochs - 1 ? ", the last one" : "";
  return `${subject} the validation loss is lowest at epoch ${curves.best + 1}${end}: ${value}.`;
}

/**
 * @param {number} lost runs
 * @param {string} subject
 * @param {Curves} curves
 * @param {Quantity} quantity
 * @param {string} value
 * @returns {string}
 */
function divergence(lost, subject, { seeds, loss }, { lowest }, value) {
  const whole = loss.mean.length;
  const until = lowest && whole ? ` The lowest validation loss until then is ${value}.` : "";
  return (
    `${subject}, ${lost} of ${seeds} runs diverged${lost > 1 ? ", the first" : ""} in epoch ${whole + 1}. ` +
    `${whole ? "The curves end before." : "There are no curves."}${until}`
  );
}

/** How the cell stands in its row and on the map. @param {Seen} seen @returns {string} */
function standing(seen) {
  const { data, quantity, here } = seen;
  const columns = data.axes[1].values.length;
  const row = here - (here % columns);
  // Of two that are equal, the one that was first: this cell, then its row.
  const best = (/** @type {number} */ from, /** @type {number} */ to, /** @type {number} */ most) => {
    for (let place = from; place < to; place++) if (isBetter(quantity, place, most)) most = place;
    return most;
  };
  const inRow = best(row, row + columns, here);
  const ofAll = best(0, quantity.cells.length, inRow);
  const gone = Number.isNaN(quantity.cells[here].value);
  const [wanted, more] = quantity.share ? ["Highest", "a higher accuracy"] : ["Lowest", "a lower loss"];
  if (ofAll === here && !gone) return `No other cell of the map has ${more}.`;
  const ofRow = `${batchWords(data, inRow)} (${about(seen, inRow)}).`;
  if (ofAll === inRow) return `${wanted} at this rate, and of the whole map: ${ofRow}`;
  const ofMap = `${wanted} of the whole map: ${cellWords(data, ofAll)} (${about(seen, ofAll)}).`;
  if (inRow !== here) return `${wanted} at this rate: ${ofRow} ${ofMap}`;
  const none = "At this rate, runs diverged with every batch size.";
  const alone = gone ? none : `No other batch size has ${more} at this rate.`;
  return `${alone} ${ofMap}`;
}

/** How the pinned cell compares. @param {Seen} seen @returns {string} nothing if there is none */
function pinnedWords(seen) {
  const { data, quantity, here, pinned } = seen;
  if (pinned === null || pinned === here) return "";
  const name = ` The pinned network, ${cellWords(data, pinned)},`;
  return Number.isNaN(quantity.cells[pinned].value) ? `${name} diverged.` : `${name} has ${about(seen, pinned)}.`;
}

/** Say what is seen, and nothing that is not. @param {Seen} seen @returns {string} */
export const sentence = (seen) => `${outcome(seen)} ${standing(seen)}${pinnedWords(seen)}`;

/** The courses of the losses, for who does not see them. @param {Curves} curves @returns {string} */
export function lossLabel({ loss, val_loss, best }) {
  const last = loss.mean.length - 1;
  if (last < 0) return "Loss: diverged in the first epoch.";
  return (
    `Loss over ${last + 1} epochs: training ends at ${lossText(loss.mean[last])}; ` +
    `validation is lowest at epoch ${best + 1}, ${lossText(val_loss.mean[best])}, ` +
    `and ends at ${lossText(val_loss.mean[last])}.`
  );
}

/** @param {Curves} curves @returns {string} */
export function accuracyLabel({ accuracy, val_accuracy }) {
  const last = accuracy.mean.length - 1;
  if (last < 0) return "Accuracy: diverged in the first epoch.";
  return (
    `Accuracy over ${last + 1} epochs: training ends at ${percent(accuracy.mean[last])}, ` +
    `validation at ${percent(val_accuracy.mean[last])}.`
  );
}
