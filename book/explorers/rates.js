// Learning rate and batch size: a map of real training runs, which opens into their curves.

/** @typedef {{rate: number, batch: number}} Cell positions on the axes */

/**
 * What the map shows of a cell. `bounds`: where the colour changes, from worse to better. `lowest`: the lowest mean of
 * all epochs counts, instead of the last.
 * @typedef {{name: string, title: string, metric: "loss" | "val_loss" | "val_accuracy", bounds: number[], lowest: boolean}} Quantity
 */

/**
 * The mean over seeds, its standard error, and the epoch it is from (counted from 0). NaN where a run has diverged.
 * @typedef {{value: number, error: number, epoch: number}} Score
 */

const AXES = /** @type {const} */ (["rate", "batch"]);
// The logarithmic scale of the losses, in powers of ten.
const [LEAST, MOST] = [-3, 1];

const isShare = (/** @type {Quantity} */ { metric }) => metric === "val_accuracy";

/** A loss with as many digits as fit into a cell. @param {number} value @returns {string} */
function lossAsText(value) {
  if (value < 9.9995) return value.toFixed(3);
  return value < 99.95 ? value.toFixed(1) : written(Math.round(value));
}

/** What stands in a cell. @param {Quantity} quantity @param {number} value @returns {string} */
function cellText(quantity, value) {
  if (Number.isNaN(value)) return "—";
  return isShare(quantity) ? (100 * value).toFixed(1) : lossAsText(value);
}

/** What stands in a sentence. @param {Quantity} quantity @param {number} value @returns {string} */
function told(quantity, value) {
  if (isShare(quantity)) return percent(value);
  return value < 0.0005 ? "below 0.001" : lossAsText(value);
}

/**
 * @param {Quantity} quantity
 * @param {Curves} curves as far as no run has diverged
 * @param {number} epochs of a run
 * @returns {Score}
 */
function scoreOf({ metric, lowest: least }, curves, epochs) {
  const { mean, spread } = curves[metric];
  const epoch = least ? lowest(mean) : epochs - 1;
  return { value: mean[epoch] ?? NaN, error: (spread[epoch] ?? NaN) / Math.sqrt(curves.seeds), epoch };
}

/**
 * Say by how much another score differs, if that is clear.
 * @param {Quantity} quantity
 * @param {Score} mine
 * @param {Score} other
 * @returns {string}
 */
function difference(quantity, mine, other) {
  const by = other.value - mine.value;
  const size = Math.abs(by);
  if (size <= 2 * Math.hypot(mine.error, other.error) || size < 0.0015) return "no clear difference";
  return `${isShare(quantity) ? `${(100 * size).toFixed(1)} points` : lossAsText(size)} ${by > 0 ? "more" : "less"}`;
}

/** @param {{model: Model, el: HTMLElement}} context */
function render({ model, el }) {
  const data = model.get("_data");
  /** @type {{rate: number[], batch: number[]}} */
  const values = data.axes;
  /** @type {Quantity[]} */
  const quantities = data.quantities;
  /** @type {number} */
  const epochs = data.epochs;
  const link = address(model, "rates");
  const unpacked = unpack(data);
  /** @type {Curves[]} */
  const every = data.whole.map((/** @type {number} */ whole, /** @type {number} */ at) => {
    const curves = { ...unpacked(at) };
    for (const metric of METRICS) {
      const { mean, spread } = curves[metric];
      curves[metric] = { mean: mean.slice(0, whole), spread: spread.slice(0, whole) };
    }
    return curves;
  });

  const place = (/** @type {Cell} */ { rate, batch }) => rate * values.batch.length + batch;
  const cells = values.rate.flatMap((_, rate) => values.batch.map((_, batch) => ({ rate, batch })));
  const curvesAt = (/** @type {Cell} */ at) => every[place(at)];
  const scores = quantities.map((each) => every.map((curves) => scoreOf(each, curves, epochs)));
  const same = (/** @type {Cell | null} */ a, /** @type {Cell | null} */ b) => a && b && place(a) === place(b);
  const batches = (/** @type {Cell} */ at) => `batches of ${written(values.batch[at.batch])}`;
  const spell = (/** @type {Cell} */ at) => `rate ${values.rate[at.rate]} with ${batches(at)}`;

  /** @returns {Cell} */
  const fromModel = () => ({
    rate: Math.max(0, values.rate.indexOf(model.get("rate"))),
    batch: Math.max(0, values.batch.indexOf(model.get("batch"))),
  });
  const quantityFromModel = () =>
    Math.max(0, quantities.findIndex(({ name }) => name === model.get("quantity")));

  let state = fromModel();
  let chosen = quantityFromModel();
  /** @type {Cell | null} */
  let pinned = null;
  // What is trained in the kernel: its curves belong to the cell that was chosen when it began.
  let trained = state;
  /** @type {History | null} */
  let live = null;
  // The model tells of each trait that is set, also of the first of two.
  let setting = false;

  // The state in the address: the cell, the quantity, and the pinned cell, as positions. Anything else is ignored.
  const toText = (/** @type {Cell} */ at) => `${at.rate}.${at.batch}`;
  const fromText = (/** @type {string | undefined} */ text) => cells.find((at) => toText(at) === text) ?? null;
  const [shared, quantity, other] = link.read();
  if (fromText(shared)) {
    state = fromText(shared) ?? state;
    chosen = quantities.findIndex((_, n) => String(n) === quantity);
    if (chosen < 0) chosen = quantityFromModel();
    pinned = fromText(other);
  }
  const writeAddress = () => link.write([toText(state), chosen, ...(pinned ? [toText(pinned)] : [])]);

  function changed() {
    show();
    setting = true;
    AXES.forEach((axis) => model.set(axis, values[axis][state[axis]]));
    model.set("quantity", quantities[chosen].name);
    setting = false;
    model.save_changes();
    writeAddress();
  }

  /** @param {Cell} at */
  function select(at) {
    state = at;
    changed();
  }

  const quantityChoice = choice({
    label: "Shown in the map",
    values: quantities.map(({ name }) => name),
    change: (index) => {
      chosen = index;
      changed();
    },
  });

  // The map: a grid of which one cell at a time can be reached with the tab key, and all with the arrow keys.
  const fields = cells.map((at) =>
    element("div.explorer-cell", { role: "gridcell", click: () => select(at) }),
  );
  const header = (/** @type {string} */ role, /** @type {string} */ text) =>
    element("div.explorer-head", { role }, text);
  const map = element(
    "div.explorer-map",
    { role: "grid", "aria-readonly": "true", keydown: steer },
    element(
      "div.explorer-row",
      { role: "row" },
      header("columnheader", "rate"),
      ...values.batch.map((batch) => header("columnheader", written(batch))),
    ),
    ...values.rate.map((rate, n) =>
      element(
        "div.explorer-row",
        { role: "row" },
        header("rowheader", String(rate)),
        ...fields.slice(n * values.batch.length, (n + 1) * values.batch.length),
      ),
    ),
  );

  /** @param {Cell} at */
  function go(at) {
    // First, while there is nothing yet to lay out.
    fields[place(at)].focus();
    select(at);
  }

  /** @param {KeyboardEvent} event */
  function steer(event) {
    const here = fields.indexOf(event.target);
    if (here < 0 || event.altKey || event.metaKey || event.shiftKey) return;
    const [rows, columns] = [values.rate.length, values.batch.length];
    const { rate, batch } = cells[here];
    /** @type {Record<string, Cell>} */
    const to = event.ctrlKey
      ? { Home: cells[0], End: cells[cells.length - 1] }
      : {
          ArrowLeft: { rate, batch: Math.max(0, batch - 1) },
          ArrowRight: { rate, batch: Math.min(columns - 1, batch + 1) },
          ArrowUp: { rate: Math.max(0, rate - 1), batch },
          ArrowDown: { rate: Math.min(rows - 1, rate + 1), batch },
          Home: { rate, batch: 0 },
          End: { rate, batch: columns - 1 },
          PageUp: { rate: 0, batch },
          PageDown: { rate: rows - 1, batch },
          Enter: { rate, batch },
          " ": { rate, batch },
        };
    if (!Object.hasOwn(to, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    go(to[event.key]);
  }

  const title = element("figcaption");
  const scale = element("div.explorer-scale", { role: "img" });
  const x = epochAxis(epochs);
  const powers = Array.from({ length: MOST - LEAST + 1 }, (_, n) => LEAST + n);
  const losses = chart({
    title: "Loss, on a logarithmic scale", x, label: "",
    y: { ticks: powers, min: LEAST, max: MOST, format: (power) => String(+(10 ** power).toPrecision(1)) },
  });
  const accuracies = chart({
    title: "Accuracy", x, label: "",
    y: { ticks: [0, 0.2, 0.4, 0.6, 0.8, 1], min: 0, max: 1, format: (v) => `${Math.round(100 * v)} %` },
  });

  const says = element("p.explorer-says", { "aria-live": "polite" });
  const pin = element("button", { type: "button", click: togglePin });
  const foot = footer(model, {
    first: pin,
    numbers() {
      const now = curvesAt(state);
      const end = now.loss.mean.length < epochs ? ", as far as none had diverged" : "";
      const capital = spell(state)[0].toUpperCase() + spell(state).slice(1);
      return meansTable(`${capital}: mean of ${now.seeds} runs${end}`, now);
    },
    csv: () => ({
      name: `rates-${values.rate[state.rate]}-${values.batch[state.batch]}.csv`,
      rows: meansRows(curvesAt(state)),
    }),
    heard(history) {
      if (history) live = history;
      drawCurves();
    },
  });
  el.classList.add("explorer");
  el.replaceChildren(
    element(
      "section",
      { "aria-label": "Explorer: learning rate and batch size" },
      quantityChoice.box,
      element(
        "div.explorer-rates",
        {},
        element(
          "div.explorer-rates-map",
          {},
          element(
            "figure",
            {},
            title,
            element("div.explorer-columns", { "aria-hidden": "true" }, "batch size"),
            map,
            scale,
          ),
          says,
        ),
        element("div.explorer-rates-curves", {}, element("div.explorer-panels", {}, losses.box, accuracies.box), legend(MEANING)),
      ),
      foot.buttons,
      foot.status,
      foot.details,
      foot.source,
    ),
  );

  function drawMap() {
    const quantity = quantities[chosen];
    const falling = quantity.bounds[0] > quantity.bounds[quantity.bounds.length - 1];
    const step = (/** @type {number} */ value) =>
      quantity.bounds.filter((bound) => (falling ? value < bound : value >= bound)).length;
    title.textContent = isShare(quantity) ? `${quantity.title}, in %` : quantity.title;
    map.setAttribute("aria-label", `${quantity.title}. Rows: learning rate. Columns: batch size.`);
    cells.forEach((at, n) => {
      const { value } = scores[chosen][n];
      const marks = [same(at, state) && "selected", same(at, pinned) && "pinned"].filter(Boolean);
      const field = fields[n];
      // Most cells stay as they are.
      const drawn = [quantity.name, ...marks].join(" ");
      if (field.dataset.drawn === drawn) return;
      field.dataset.drawn = drawn;
      field.className = ["explorer-cell", Number.isNaN(value) ? "diverged" : `step-${step(value)}`, ...marks].join(" ");
      field.textContent = cellText(quantity, value);
      const text = Number.isNaN(value) ? "diverged" : told(quantity, value);
      field.setAttribute("aria-label", `${spell(at)}: ${text}${same(at, pinned) ? ", pinned" : ""}`);
      field.setAttribute("aria-selected", String(Boolean(same(at, state))));
      field.tabIndex = same(at, state) ? 0 : -1;
    });
    if (scale.dataset.drawn === quantity.name) return;
    scale.dataset.drawn = quantity.name;
    const bounds = quantity.bounds.map((bound) => (isShare(quantity) ? `${Math.round(100 * bound)}` : String(bound)));
    const ends = [bounds[0], bounds[bounds.length - 1]].map((text) => (isShare(quantity) ? `${text} %` : text));
    const [first, last] = falling ? ["at least", "below"] : ["below", "at least"];
    scale.setAttribute("aria-label", `Scale of the colours, from ${first} ${ends[0]} to ${last} ${ends[1]}`);
    scale.replaceChildren(
      ...["", ...bounds].map((text, n) => element(`span.step-${n}`, {}, element("span", {}, text))),
    );
    const gone = scores[chosen].some(({ value }) => Number.isNaN(value));
    if (gone) scale.append(element("span.explorer-gone", {}, "— diverged"));
  }

  /** Say what is seen, and nothing that is not. @returns {string} */
  function sentence() {
    const quantity = quantities[chosen];
    const list = scores[chosen];
    const mine = list[place(state)];
    const gone = Number.isNaN(mine.value);
    const [wanted, unit] = isShare(quantity) ? ["Highest", "a higher accuracy"] : ["Lowest", "a lower loss"];
    const better = (/** @type {Cell} */ a, /** @type {Cell} */ b) => {
      const [one, two] = [list[place(a)].value, list[place(b)].value];
      if (Number.isNaN(one) || Number.isNaN(two)) return Number.isNaN(two) && !Number.isNaN(one);
      return isShare(quantity) ? one > two : one < two;
    };
    // Of two that are equal, the one that was first: this cell, then its row.
    const best = (/** @type {Cell[]} */ among, /** @type {Cell} */ start) =>
      among.reduce((most, at) => (better(at, most) ? at : most), start);
    const inRow = best(cells.filter(({ rate }) => rate === state.rate), state);
    const ofAll = best(cells, inRow);
    const about = (/** @type {Cell} */ at) => {
      const text = told(quantity, list[place(at)].value);
      return gone ? text : `${text}, ${difference(quantity, mine, list[place(at)])}`;
    };

    const texts = [];
    const lost = data.diverged[place(state)];
    const subject = `At ${spell(state)}`;
    if (lost) {
      const all = every[place(state)].seeds;
      const since = data.whole[place(state)] + 1;
      texts.push(
        `${subject}, ${lost} of ${all} runs diverged${lost > 1 ? ", the first" : ""} in epoch ${since}.`,
        since > 1 ? "The curves end before." : "There are no curves.",
      );
      if (!gone) texts.push(`The lowest validation loss until then is ${told(quantity, mine.value)}.`);
    } else if (isShare(quantity)) {
      texts.push(`${subject} the network is right about ${percent(mine.value)} of the validation digits after ${epochs} epochs.`);
    } else if (quantity.lowest) {
      const end = mine.epoch === epochs - 1 ? ", the last one" : "";
      texts.push(`${subject} the validation loss is lowest at epoch ${mine.epoch + 1}${end}: ${told(quantity, mine.value)}.`);
    } else {
      texts.push(`${subject} the training loss of epoch ${epochs} is ${told(quantity, mine.value)}.`);
    }
    if (same(ofAll, state) && !gone) {
      texts.push(`No other cell of the map has ${unit}.`);
    } else if (same(ofAll, inRow)) {
      texts.push(`${wanted} at this rate, and of the whole map: ${batches(inRow)} (${about(inRow)}).`);
    } else {
      if (!same(inRow, state)) texts.push(`${wanted} at this rate: ${batches(inRow)} (${about(inRow)}).`);
      else if (gone) texts.push("At this rate, runs diverged with every batch size.");
      else texts.push(`No other batch size has ${unit} at this rate.`);
      texts.push(`${wanted} of the whole map: ${spell(ofAll)} (${about(ofAll)}).`);
    }
    if (pinned && !same(pinned, state)) {
      const pinnedScore = list[place(pinned)];
      const name = `The pinned network, ${spell(pinned)},`;
      texts.push(Number.isNaN(pinnedScore.value) ? `${name} diverged.` : `${name} has ${about(pinned)}.`);
    }
    return texts.join(" ");
  }

  const log = (/** @type {number} */ value) => Math.log10(Math.max(value, 10 ** (LEAST - 1)));
  /**
   * The line of a curve and, before it, its band. On a logarithmic scale the band is not as wide above as below: it is
   * drawn around its own middle.
   * @param {string} kind
   * @param {Curve} curve
   * @param {{band?: boolean, transform?: (value: number) => number}} [options]
   */
  function lines(kind, { mean, spread }, { band = true, transform = (value) => value } = {}) {
    const points = (/** @type {number[]} */ list) => list.map((value, n) => /** @type {[number, number]} */ ([n + 1, value]));
    if (!mean.length) return [];
    const drawn = [{ kind, points: points(mean.map(transform)), marks: mean.length === 1 }];
    if (!band) return drawn;
    const low = mean.map((value, n) => transform(value - spread[n]));
    const high = mean.map((value, n) => transform(value + spread[n]));
    const middle = {
      kind: `${kind}.shade`,
      points: points(low.map((value, n) => (value + high[n]) / 2)),
      spread: low.map((value, n) => (high[n] - value) / 2),
    };
    return [middle, ...drawn];
  }

  function drawCurves() {
    const now = curvesAt(state);
    const before = pinned && curvesAt(pinned);
    const drawn = (/** @type {"loss" | "accuracy"} */ metric, transform = (/** @type {number} */ value) => value) => [
      ...(before ? lines("pinned", before[`val_${metric}`], { band: false, transform }) : []),
      ...lines("training", now[metric], { transform }),
      ...lines("validation", now[`val_${metric}`], { transform }),
      ...liveLines(same(trained, state) ? live : null, metric).map((line) => ({
        ...line,
        points: line.points.map(([at, value]) => /** @type {[number, number]} */ ([at, transform(value)])),
      })),
    ];
    const last = now.val_loss.mean.length - 1;
    const best = lowest(now.val_loss.mean);
    losses.relabel({
      x,
      label:
        last < 0
          ? "Loss: diverged in the first epoch."
          : `Loss over ${last + 1} epochs: training ends at ${lossAsText(now.loss.mean[last])}; ` +
            `validation is lowest at epoch ${best + 1}, ${lossAsText(now.val_loss.mean[best])}, ` +
            `and ends at ${lossAsText(now.val_loss.mean[last])}.`,
    });
    losses.draw(
      drawn("loss", log),
      last < 0 ? [] : [{ kind: "best", at: [best + 1, log(now.val_loss.mean[best])], text: `epoch ${best + 1}` }],
    );
    accuracies.relabel({
      x,
      label:
        last < 0
          ? "Accuracy: diverged in the first epoch."
          : `Accuracy over ${last + 1} epochs: training ends at ${percent(now.accuracy.mean[last])}, ` +
            `validation at ${percent(now.val_accuracy.mean[last])}.`,
    });
    accuracies.draw(drawn("accuracy"));
  }

  function show() {
    quantityChoice.set(chosen);
    drawMap();
    drawCurves();
    says.textContent = sentence();
    model.set("sentence", says.textContent);
    showPin(pin, el, "cell", pinned && spell(pinned));
    foot.tabulate();
  }

  function togglePin() {
    pinned = pinned ? null : state;
    changed();
  }

  const onTraining = () => {
    if (!model.get("training")) return;
    trained = fromModel();
    live = null;
  };
  const onTrait = () => {
    if (setting) return;
    const now = fromModel();
    if (!same(now, state) || quantityFromModel() !== chosen) {
      state = now;
      chosen = quantityFromModel();
      show();
    }
  };
  const traits = [...AXES, "quantity"];
  model.on("change:training", onTraining);
  for (const trait of traits) model.on(`change:${trait}`, onTrait);
  onTraining();
  show();
  return () => {
    foot.training.release();
    model.off("change:training", onTraining);
    for (const trait of traits) model.off(`change:${trait}`, onTrait);
  };
}

export default { render };
