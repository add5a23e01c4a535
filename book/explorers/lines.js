// The lines of the charts, and what they mean.

/** @import { Line, Point } from "./chart.js" */
/** @import { Curve, Curves, History } from "./recorded.js" */
import { element } from "./dom.js";

/** @typedef {"loss" | "accuracy"} Panel */

/**
 * What is chosen, what is pinned, and what is being trained.
 * @typedef {{now: Curves, before: Curves | null, live: History | null}} Drawn
 */

/** The look of a line, and what it shows. */
export const MEANING = {
  training: "training",
  validation: "validation",
  best: "lowest validation loss",
  pinned: "pinned, validation",
};

/** @param {Record<string, string>} entries as `MEANING` @returns {HTMLElement} */
export function legend(entries) {
  const parts = Object.entries(entries).map(([kind, text]) => element(`span.${kind}`, {}, text));
  return element("p.explorer-legend", {}, ...parts);
}

/** One number an epoch, from epoch 1 on. @param {number[]} values @returns {Point[]} */
export const byEpoch = (values) => values.map((value, n) => [n + 1, value]);

/**
 * @param {string} kind
 * @param {Curve} curve
 * @returns {Line} with a band of one standard deviation
 */
export const bandLine = (kind, { mean, spread }) => ({ kind, points: byEpoch(mean), spread });

/**
 * The lines of a training that is going on, drawn over the recorded ones.
 * @param {History | null} live
 * @param {Panel} panel
 * @param {(value: number) => number} [transform] from a value to its place on the scale
 * @returns {Line[]}
 */
export function liveLines(live, panel, transform = (value) => value) {
  if (!live) return [];
  return [
    { kind: "training.live", points: byEpoch(live[panel].map(transform)) },
    { kind: "validation.live", points: byEpoch(live[`val_${panel}`].map(transform)) },
  ];
}
