// Capacity, data and regularisation: real training curves for every combination.

/** @import { AxisY, Line } from "./chart.js" */
/** @import { Drawn, Panel } from "./lines.js" */
/** @import { Context } from "./model.js" */
/** @import { Curve, Curves, Metric, Packed } from "./recorded.js" */
/** @import { Axis, Position, View } from "./view.js" */
import { chart, epochAxis, scaleTo, shareAxis } from "./chart.js";
import { choice, slider } from "./controls.js";
import { element, fill } from "./dom.js";
import { footer, meansCsv, meansTable } from "./footer.js";
import { MEANING, bandLine, byEpoch, legend, liveLines } from "./lines.js";
import { percent, written } from "./numbers.js";
import { comparison, sentence } from "./overfitting_words.js";
import { pinButton } from "./pins.js";
import { unpack } from "./recorded.js";
import { makeView, placeOf } from "./view.js";

/** @typedef {{axes: Axis[], epochs: number, most: number, metrics: Metric[], runs: Packed[]}} Data */
/** @typedef {(at: Position) => Curves} CurvesAt */

/** What each axis is chosen with, and its name. @type {Record<string, [typeof slider | typeof choice, string]>} */
const CONTROLS = {
  units: [slider, "Units in each hidden layer"],
  layers: [choice, "Hidden layers"],
  rows: [slider, "Training reviews"],
  regularisation: [choice, "Regularisation"],
};

/** @param {Axis} axis */
const nameOf = ({ name }) => CONTROLS[name][1].toLowerCase();

/** A network in words. @param {Axis[]} axes @param {Position} at @returns {string} */
function networkWords(axes, at) {
  const chosen = Object.fromEntries(axes.map(({ name, values }) => [name, values[at[name]]]));
  const { units, layers, rows, regularisation } = chosen;
  return (
    `${written(units)} units, ${layers} hidden layer${layers === 1 ? "" : "s"}, ${written(rows)} reviews, ` +
    (regularisation === "none" ? "no regularisation" : regularisation)
  );
}

/** @param {View} view @param {Axis[]} open the axes that leave a choice */
function makeControls(view, open) {
  const controls = open.map(({ name, values }, aspect) => {
    const [make, label] = CONTROLS[name];
    return make({ label, values, change: (index) => view.go({ at: { ...view.now().at, [name]: index }, aspect }) });
  });
  return {
    box: element("div.explorer-controls", {}, ...controls.map((each) => each.box)),
    show: () => open.forEach(({ name }, n) => controls[n].set(view.now().at[name])),
  };
}

/** Loss and accuracy over epochs. @param {number} epochs @param {AxisY} y of the losses */
function curvePanels(epochs, y) {
  const x = epochAxis(epochs);
  const losses = chart({ title: "Loss", x, y });
  const accuracies = chart({ title: "Accuracy", x, y: shareAxis([0.5, 0.6, 0.7, 0.8, 0.9, 1], 0.45) });
  /** @param {Panel} panel @param {Drawn} drawn */
  const lines = (panel, { now, before, live }) => [
    ...(before ? [{ kind: "pinned", points: byEpoch(before[`val_${panel}`].mean) }] : []),
    bandLine("training", now[panel]),
    bandLine("validation", now[`val_${panel}`]),
    ...liveLines(live, panel),
  ];
  return {
    boxes: [losses.box, accuracies.box],
    /** @param {Drawn} drawn */
    show(drawn) {
      const { best, val_loss: loss, accuracy, val_accuracy } = drawn.now;
      const [top, bottom] = [accuracy, val_accuracy].map(({ mean }) => percent(mean[epochs - 1]));
      losses.relabel({ label: `Loss over ${epochs} epochs, training and validation. ${sentence(drawn.now)}` });
      accuracies.relabel({
        label: `Accuracy over ${epochs} epochs: training ends at ${top}, validation at ${bottom}.`,
      });
      losses.draw(lines("loss", drawn), [
        { kind: "best", at: [best + 1, loss.mean[best]], text: `epoch ${best + 1}` },
      ]);
      accuracies.draw(lines("accuracy", drawn));
    },
  };
}

/** The validation loss at its lowest and at the end, over all values of one axis. @param {AxisY} y */
function acrossPanel(y) {
  const x = { label: "", ticks: [], min: 0, max: 1 };
  const panel = chart({ title: "Validation loss across the control you moved last", x, y });
  /** @param {string} kind @param {Curve[]} losses @param {(n: number) => number} epoch @returns {Line} */
  const line = (kind, losses, epoch) => ({
    kind,
    marks: true,
    points: losses.map(({ mean }, n) => [n, mean[epoch(n)]]),
    spread: losses.map(({ spread }, n) => spread[epoch(n)]),
  });
  return {
    box: panel.box,
    /** @param {Axis} axis @param {Position} at @param {CurvesAt} curvesAt */
    show(axis, at, curvesAt) {
      const along = axis.values.map((_, index) => curvesAt({ ...at, [axis.name]: index }));
      const losses = along.map((curves) => curves.val_loss);
      const ends = line("validation", losses, (n) => losses[n].mean.length - 1);
      const least = line("best", losses, (n) => along[n].best);
      const words = axis.values.map((value, n) => {
        const [lowest, end] = [least, ends].map(({ points }) => points[n][1].toFixed(2));
        return `${written(value)}: lowest ${lowest}, at the end ${end}`;
      });
      panel.relabel({
        x: {
          label: nameOf(axis),
          ticks: axis.values.map((value, n) => [n, written(value)]),
          min: -0.3,
          max: axis.values.length - 0.7,
        },
        label: `Validation loss over ${nameOf(axis)}: ${words.join("; ")}.`,
      });
      panel.draw([ends, least], [{ kind: "here", at: [at[axis.name], 0] }]);
    },
  };
}

/** @param {Context} context */
function render({ model, el }) {
  /** @type {Data} */
  const data = model.get("_data");
  const { axes } = data;
  const open = axes.filter(({ values }) => values.length > 1);
  const unpacked = unpack(data);
  /** @type {CurvesAt} */
  const curvesAt = (at) => unpacked(placeOf(axes, at));
  const spell = (/** @type {Position} */ at) => networkWords(axes, at);

  const names = open.map(({ name }) => name);
  const view = makeView(model, { name: "overfitting", axes, aspects: names, changed: show });
  const controls = makeControls(view, open);
  const says = element("p.explorer-says", { "aria-live": "polite" });
  const y = { ...scaleTo(data.most), format: (/** @type {number} */ loss) => loss.toFixed(1) };
  const curves = curvePanels(data.epochs, y);
  const across = acrossPanel(y);
  const pin = pinButton(view, el, "network", spell);
  const foot = footer(model, {
    first: pin.button,
    numbers() {
      const now = curvesAt(view.now().at);
      return { caption: `${spell(view.now().at)}: mean of ${now.seeds} runs`, rows: meansTable(now) };
    },
    csv: () => ({ name: `overfitting-${view.text()}.csv`, rows: meansCsv(curvesAt(view.now().at)) }),
    shown: view.place,
    heard: show,
  });
  const panels = element("div.explorer-panels", {}, ...curves.boxes, across.box);
  fill(el, names.join(", "), controls.box, says, panels, legend(MEANING), ...foot.parts);

  function show() {
    const { at, aspect, pinned } = view.now();
    const now = curvesAt(at);
    const before = pinned && curvesAt(pinned);
    controls.show();
    curves.show({ now, before, live: foot.training.history() });
    across.show(open[aspect], at, curvesAt);
    says.textContent = before ? `${sentence(now)} ${comparison(now, before)}` : sentence(now);
    model.set("sentence", says.textContent);
    pin.show();
    foot.tabulate();
  }

  show();
  return () => {
    foot.training.release();
    view.release();
  };
}

export default { render };
