// The recorded runs that a page carries.

/** @typedef {"loss" | "accuracy" | "val_loss" | "val_accuracy"} Metric */
/** @typedef {Record<Metric, number[]>} History one number an epoch, as Keras returns it */

/**
 * The mean and the standard deviation over seeds of one metric, one number an epoch.
 * @typedef {{mean: number[], spread: number[]}} Curve
 */

/**
 * As far as no run has diverged. `best`: the place of the lowest mean validation loss, -1 if there is none.
 * @typedef {Record<Metric, Curve> & {seeds: number, best: number}} Curves
 */

/** @typedef {{seeds: number, best: number, whole: number, curves: number[]}} Packed `whole`: its number of epochs */

/** In the order of tables, and what these call them. @type {Record<Metric, string>} */
export const COLUMNS = {
  loss: "training loss",
  accuracy: "training accuracy",
  val_loss: "validation loss",
  val_accuracy: "validation accuracy",
};
export const METRICS = /** @type {Metric[]} */ (Object.keys(COLUMNS));

/**
 * Read a list of differences, of thousandths, bit by bit.
 * @param {number[]} differences
 * @param {number} epochs
 * @returns {() => number[]} gives the next curve, one number an epoch
 */
export function curvesOf(differences, epochs) {
  let at = 0;
  return () => {
    let sum = 0;
    return Array.from({ length: epochs }, () => (sum += differences[at++]) / 1000);
  };
}

/**
 * Unpack what `pack` in book/explorers/widget.py packed.
 * @param {{metrics: Metric[], runs: Packed[]}} data
 * @returns {(place: number) => Curves} unpacks one when it is asked for, so that no page waits for all
 */
export function unpack({ metrics, runs }) {
  /** @type {Curves[]} */
  const unpacked = [];
  return (place) => {
    if (!unpacked[place]) {
      const { seeds, best, whole, curves } = runs[place];
      const next = curvesOf(curves, whole);
      const made = /** @type {any} */ ({ seeds, best });
      for (const metric of metrics) made[metric] = { mean: next(), spread: next() };
      unpacked[place] = made;
    }
    return unpacked[place];
  };
}

/** @typedef {{value: number, error: number}} Score a mean over seeds, and its standard error */

/**
 * @param {Curves} curves
 * @param {Metric} metric
 * @param {number} epoch from 0
 * @returns {Score}
 */
export const scoreAt = (curves, metric, epoch) => ({
  value: curves[metric].mean[epoch],
  error: curves[metric].spread[epoch] / Math.sqrt(curves.seeds),
});

/**
 * Whether two means differ by more than twice the standard error of their difference, and by more than rounding can do.
 * @param {Score} one
 * @param {Score} other
 */
export function differ(one, other) {
  const size = Math.abs(one.value - other.value);
  return size > 2 * Math.hypot(one.error, other.error) && size >= 0.0015;
}
