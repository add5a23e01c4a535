// What the explorer of capacity, data and regularisation says.

/** @import { Curves } from "./recorded.js" */
import { percent } from "./numbers.js";
import { differ, scoreAt } from "./recorded.js";

/**
 * Say what the curves show, and nothing that they do not.
 * @param {Curves} curves
 * @returns {string}
 */
export const sentence = (curves) => `${lossWords(curves)} ${accuracyWords(curves)}`;

/** @param {Curves} curves @returns {string} */
function lossWords(curves) {
  const { best, val_loss } = curves;
  const last = val_loss.mean.length - 1;
  const [least, end] = [scoreAt(curves, "val_loss", best), scoreAt(curves, "val_loss", last)];
  const at = `Validation loss is lowest at epoch ${best + 1} (${least.value.toFixed(3)})`;
  if (best === last) return `${at}, the last one: within ${last + 1} epochs it has not begun to rise.`;
  if (!differ(least, end)) return `${at}, and at epoch ${last + 1} it is ${end.value.toFixed(3)}: no clear rise.`;
  const rise = (end.value - least.value).toFixed(3);
  return `${at}. By epoch ${last + 1} it has risen to ${end.value.toFixed(3)}, by ${rise}.`;
}

/** @param {Curves} curves @returns {string} */
function accuracyWords({ accuracy, val_accuracy }) {
  const last = accuracy.mean.length - 1;
  const [train, held] = [accuracy.mean[last], val_accuracy.mean[last]];
  const gap = 100 * (train - held);
  return (
    `At the end the network is right about ${percent(train)} of its training reviews and ${percent(held)} of the ` +
    `validation reviews${gap >= 0.05 ? `, a gap of ${gap.toFixed(1)} points` : ""}.`
  );
}

/**
 * Compare with what is pinned.
 * @param {Curves} now
 * @param {Curves} pinned
 * @returns {string}
 */
export function comparison(now, pinned) {
  const [mine, other] = [now, pinned].map((curves) => scoreAt(curves, "val_loss", curves.best));
  const lead = `The lowest validation loss of the pinned network is ${other.value.toFixed(3)}.`;
  if (!differ(mine, other)) return `${lead} The difference from this one is within twice its standard error.`;
  const by = mine.value - other.value;
  return `${lead} This one's is ${Math.abs(by).toFixed(3)} ${by < 0 ? "lower" : "higher"}.`;
}
