// The curves behind a cell of the map, the losses on a logarithmic scale.

/** @import { AxisY, Line, Mark } from "./chart.js" */
/** @import { Drawn, Panel } from "./lines.js" */
/** @import { Curve, Curves } from "./recorded.js" */
import { chart, epochAxis, shareAxis } from "./chart.js";
import { byEpoch, liveLines } from "./lines.js";
import { accuracyLabel, lossLabel } from "./rates_words.js";

// In powers of ten.
const LEAST = -3;
const MOST = 1;

/** @typedef {(value: number) => number} Transform */

/** @type {Transform} */
const log = (value) => Math.log10(Math.max(value, 10 ** (LEAST - 1)));
/** @type {Transform} */
const asIs = (value) => value;

/** @returns {AxisY} */
function logAxis() {
  const powers = Array.from({ length: MOST - LEAST + 1 }, (_, n) => LEAST + n);
  return { ticks: powers, min: LEAST, max: MOST, format: (power) => String(+(10 ** power).toPrecision(1)) };
}

/** @param {string} kind @param {Curve} curve @param {Transform} transform @returns {Line[]} none of an empty curve */
const lineOf = (kind, { mean }, transform) =>
  mean.length ? [{ kind, points: byEpoch(mean.map(transform)), marks: mean.length === 1 }] : [];

/**
 * The line of a curve and, before it, its band. On a logarithmic scale the band is not as wide above as below: it is
 * drawn around its own middle.
 * @param {string} kind
 * @param {Curve} curve
 * @param {Transform} transform
 * @returns {Line[]}
 */
function bandOf(kind, { mean, spread }, transform) {
  if (!mean.length) return [];
  const low = mean.map((value, n) => transform(value - spread[n]));
  const high = mean.map((value, n) => transform(value + spread[n]));
  const middle = {
    kind: `${kind}.shade`,
    points: byEpoch(low.map((value, n) => (value + high[n]) / 2)),
    spread: low.map((value, n) => (high[n] - value) / 2),
  };
  return [middle, ...lineOf(kind, { mean, spread }, transform)];
}

/** The lowest validation loss. @param {Curves} curves @returns {Mark[]} */
function bestMark({ best, val_loss }) {
  return best < 0 ? [] : [{ kind: "best", at: [best + 1, log(val_loss.mean[best])], text: `epoch ${best + 1}` }];
}

/** @param {number} epochs */
export function cellPanels(epochs) {
  const x = epochAxis(epochs);
  const losses = chart({ title: "Loss, on a logarithmic scale", x, y: logAxis() });
  const accuracies = chart({ title: "Accuracy", x, y: shareAxis([0, 0.2, 0.4, 0.6, 0.8, 1], 0) });
  /** @param {Panel} panel @param {Transform} transform @param {Drawn} drawn */
  const lines = (panel, transform, { now, before, live }) => [
    ...(before ? lineOf("pinned", before[`val_${panel}`], transform) : []),
    ...bandOf("training", now[panel], transform),
    ...bandOf("validation", now[`val_${panel}`], transform),
    ...liveLines(live, panel, transform),
  ];
  return {
    boxes: [losses.box, accuracies.box],
    /** @param {Drawn} drawn */
    show(drawn) {
      losses.relabel({ label: lossLabel(drawn.now) });
      losses.draw(lines("loss", log, drawn), bestMark(drawn.now));
      accuracies.relabel({ label: accuracyLabel(drawn.now) });
      accuracies.draw(lines("accuracy", asIs, drawn));
    },
  };
}
