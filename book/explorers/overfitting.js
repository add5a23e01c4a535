// Capacity, data and regularisation: real training curves for every combination.

/** @typedef {{units: number, layers: number, rows: number, regularisation: number}} Choice positions on the axes */
/** @typedef {keyof Choice} Axis */

const AXES = /** @type {Axis[]} */ (["units", "layers", "rows", "regularisation"]);
const NAMES = {
  units: "units in each hidden layer",
  layers: "hidden layers",
  rows: "training reviews",
  regularisation: "regularisation",
};

/**
 * Say what the curves show, and nothing that they do not.
 * @param {Curves} curves
 * @returns {string}
 */
function sentence(curves) {
  const { val_loss: loss, accuracy, val_accuracy, seeds } = curves;
  const last = loss.mean.length - 1;
  const best = lowest(loss.mean);
  const rise = loss.mean[last] - loss.mean[best];
  const error = Math.hypot(loss.spread[last], loss.spread[best]) / Math.sqrt(seeds);
  const at = `Validation loss is lowest at epoch ${best + 1} (${loss.mean[best].toFixed(3)})`;
  let text;
  if (best === last) {
    text = `${at}, the last one: within ${last + 1} epochs it has not begun to rise.`;
  } else if (rise <= 2 * error || rise < 0.0015) {
    text = `${at}, and at epoch ${last + 1} it is ${loss.mean[last].toFixed(3)}: no clear rise.`;
  } else {
    text = `${at}. By epoch ${last + 1} it has risen to ${loss.mean[last].toFixed(3)}, by ${rise.toFixed(3)}.`;
  }
  const [train, held] = [accuracy.mean[last], val_accuracy.mean[last]];
  const gap = 100 * (train - held);
  text += ` At the end the network is right about ${percent(train)} of its training reviews`;
  text += ` and ${percent(held)} of the validation reviews`;
  return `${text}${gap >= 0.05 ? `, a gap of ${gap.toFixed(1)} points` : ""}.`;
}

/**
 * Compare with what is pinned.
 * @param {Curves} now
 * @param {Curves} pinned
 * @returns {string}
 */
function comparison(now, pinned) {
  const [a, b] = [now, pinned].map((each) => {
    const best = lowest(each.val_loss.mean);
    return { loss: each.val_loss.mean[best], error: each.val_loss.spread[best] / Math.sqrt(each.seeds) };
  });
  const difference = a.loss - b.loss;
  const clear = Math.abs(difference) > 2 * Math.hypot(a.error, b.error) && Math.abs(difference) >= 0.0015;
  const lead = `The lowest validation loss of the pinned network is ${b.loss.toFixed(3)}.`;
  if (!clear) return `${lead} The difference from this one is within twice its standard error.`;
  return `${lead} This one's is ${Math.abs(difference).toFixed(3)} ${difference < 0 ? "lower" : "higher"}.`;
}

/** @param {{model: Model, el: HTMLElement}} context */
function render({ model, el }) {
  const data = model.get("_data");
  /** @type {Record<Axis, (number | string)[]>} */
  const values = data.axes;
  const unpacked = unpack(data);
  const epochs = data.epochs;
  const link = address(model, "overfitting");

  const place = (/** @type {Choice} */ at) => AXES.reduce((sum, axis) => sum * values[axis].length + at[axis], 0);
  const curvesAt = (/** @type {Choice} */ at) => unpacked(place(at));
  /** @returns {Choice} */
  const fromModel = () =>
    /** @type {any} */ (Object.fromEntries(AXES.map((axis) => [axis, Math.max(0, values[axis].indexOf(model.get(axis)))])));
  const spell = (/** @type {Choice} */ at) =>
    `${written(values.units[at.units])} units, ${values.layers[at.layers]} hidden layer${at.layers ? "s" : ""}, ` +
    `${written(values.rows[at.rows])} reviews, ${at.regularisation ? values.regularisation[at.regularisation] : "no regularisation"}`;

  let state = fromModel();
  /** @type {Axis} */
  let dragged = "units";
  /** @type {Choice | null} */
  let pinned = null;
  /** @type {History | null} */
  let live = null;

  // The state in the address: the four positions, the axis, and the pinned positions. Anything else is ignored.
  const fromText = (/** @type {string | undefined} */ text) => {
    const parts = (text ?? "").split(".");
    const at = parts.map((part, n) => (/^\d{1,2}$/.test(part) && +part < values[AXES[n]]?.length ? +part : NaN));
    return parts.length === 4 && !at.some(Number.isNaN)
      ? /** @type {any} */ (Object.fromEntries(AXES.map((axis, n) => [axis, at[n]])))
      : null;
  };
  const toText = (/** @type {Choice} */ at) => AXES.map((axis) => at[axis]).join(".");
  const [shared, axis, other] = link.read();
  if (fromText(shared)) {
    state = fromText(shared);
    dragged = AXES.find((each) => each === axis && values[each].length > 1) ?? dragged;
    pinned = fromText(other);
  }

  const change = (/** @type {Axis} */ axis) => (/** @type {number} */ index) => {
    state = { ...state, [axis]: index };
    dragged = axis;
    live = null;
    model.set(axis, values[axis][index]);
    model.save_changes();
    show();
    link.write([toText(state), dragged, ...(pinned ? [toText(pinned)] : [])]);
  };
  const controls = {
    units: slider({ label: "Units in each hidden layer", values: values.units, change: change("units") }),
    rows: slider({ label: "Training reviews", values: values.rows, change: change("rows") }),
    layers: choice({ label: "Hidden layers", values: values.layers, change: change("layers") }),
    regularisation: choice({ label: "Regularisation", values: values.regularisation, change: change("regularisation") }),
  };

  const x = epochAxis(epochs);
  const most = ticksTo(data.most);
  const y = { ticks: most, min: 0, max: most[most.length - 1], format: (/** @type {number} */ v) => v.toFixed(1) };
  const losses = chart({ title: "Loss", x, y, label: "" });
  const shares = [0.5, 0.6, 0.7, 0.8, 0.9, 1];
  const accuracies = chart({
    title: "Accuracy", x, label: "",
    y: { ticks: shares, min: 0.45, max: 1, format: (v) => `${Math.round(100 * v)} %` },
  });
  const across = chart({ title: "Validation loss across the control you moved last", x, y, label: "" });

  const says = element("p.explorer-says", { "aria-live": "polite" });
  const pin = element("button", { type: "button", click: togglePin });
  const foot = footer(model, {
    first: pin,
    numbers: () => meansTable(`${spell(state)}: mean of ${curvesAt(state).seeds} runs`, curvesAt(state)),
    csv: () => ({ name: `overfitting-${toText(state)}.csv`, rows: meansRows(curvesAt(state)) }),
    heard(history) {
      if (history) live = history;
      show();
    },
  });
  el.classList.add("explorer");
  el.replaceChildren(
    element(
      "section",
      { "aria-label": `Explorer: ${AXES.filter((axis) => values[axis].length > 1).join(", ")}` },
      element("div.explorer-controls", {}, ...AXES.filter((axis) => values[axis].length > 1).map((axis) => controls[axis].box)),
      says,
      element("div.explorer-panels", {}, losses.box, accuracies.box, across.box),
      legend(MEANING),
      foot.buttons,
      foot.status,
      foot.details,
      foot.source,
    ),
  );

  const line = (/** @type {string} */ kind, /** @type {Curve} */ curve, band = true) => ({
    kind,
    points: curve.mean.map((value, n) => /** @type {[number, number]} */ ([n + 1, value])),
    spread: band ? curve.spread : undefined,
  });

  function show() {
    const now = curvesAt(state);
    const before = pinned && curvesAt(pinned);
    for (const axis of AXES) controls[axis].set(state[axis]);
    const best = lowest(now.val_loss.mean);
    losses.relabel({ x, label: `Loss over ${epochs} epochs, training and validation. ${sentence(now)}` });
    losses.draw(
      [...(before ? [line("pinned", before.val_loss, false)] : []), line("training", now.loss), line("validation", now.val_loss), ...liveLines(live, "loss")],
      [{ kind: "best", at: [best + 1, now.val_loss.mean[best]], text: `epoch ${best + 1}` }],
    );
    const [top, bottom] = [now.accuracy.mean[epochs - 1], now.val_accuracy.mean[epochs - 1]];
    accuracies.relabel({ x, label: `Accuracy over ${epochs} epochs: training ends at ${percent(top)}, validation at ${percent(bottom)}.` });
    accuracies.draw(
      [...(before ? [line("pinned", before.val_accuracy, false)] : []), line("training", now.accuracy), line("validation", now.val_accuracy), ...liveLines(live, "accuracy")],
    );
    showAcross();
    says.textContent = before ? `${sentence(now)} ${comparison(now, before)}` : sentence(now);
    model.set("sentence", says.textContent);
    showPin(pin, el, "network", pinned && spell(pinned));
    foot.tabulate();
  }

  function showAcross() {
    const options = values[dragged];
    const ticks = options.map((value, n) => /** @type {[number, string]} */ ([n, written(value)]));
    const along = options.map((_, index) => curvesAt({ ...state, [dragged]: index }));
    const least = along.map(({ val_loss: { mean, spread } }) => ({ value: mean[lowest(mean)], spread: spread[lowest(mean)] }));
    const ends = along.map(({ val_loss: { mean, spread } }) => ({ value: mean[epochs - 1], spread: spread[epochs - 1] }));
    const drawn = (/** @type {string} */ kind, /** @type {typeof ends} */ list) => ({
      kind, marks: true, spread: list.map((each) => each.spread),
      points: list.map(({ value }, n) => /** @type {[number, number]} */ ([n, value])),
    });
    across.relabel({
      x: { label: NAMES[dragged], ticks, min: -0.3, max: options.length - 0.7 },
      label: `Validation loss over ${NAMES[dragged]}: ${options.map((v, n) => `${written(v)}: lowest ${least[n].value.toFixed(2)}, at the end ${ends[n].value.toFixed(2)}`).join("; ")}.`,
    });
    across.draw([drawn("validation", ends), drawn("best", least)], [{ kind: "here", at: [state[dragged], 0] }]);
  }

  function togglePin() {
    pinned = pinned ? null : state;
    show();
    link.write([toText(state), dragged, ...(pinned ? [toText(pinned)] : [])]);
  }

  const onAxis = () => {
    const now = fromModel();
    if (toText(now) !== toText(state)) {
      state = now;
      live = null;
      show();
    }
  };
  for (const axis of AXES) model.on(`change:${axis}`, onAxis);
  show();
  return () => {
    foot.training.release();
    for (const axis of AXES) model.off(`change:${axis}`, onAxis);
  };
}

export default { render };
