// Learning rate and batch size: a map of real training runs, which opens into their curves.

/** @import { Context, Model } from "./model.js" */
/** @import { Data } from "./rates_words.js" */
/** @import { Curves } from "./recorded.js" */
/** @import { Position, View } from "./view.js" */
import { choice } from "./controls.js";
import { element, fill } from "./dom.js";
import { footer, meansCsv, meansTable } from "./footer.js";
import { MEANING, legend } from "./lines.js";
import { capital } from "./numbers.js";
import { pinButton } from "./pins.js";
import { makeMap } from "./rates_map.js";
import { cellPanels } from "./rates_panels.js";
import { cellWords, sentence } from "./rates_words.js";
import { unpack } from "./recorded.js";
import { makeView, placeOf } from "./view.js";

/** @param {Model} model @returns {Data} */
function dataOf(model) {
  const data = model.get("_data");
  // A number that is none comes as null.
  const cells = (/** @type {any[]} */ list) => list.map((cell) => ({ ...cell, value: cell.value ?? NaN }));
  const quantities = data.quantities.map((/** @type {any} */ each) => ({ ...each, cells: cells(each.cells) }));
  return { ...data, quantities };
}

/**
 * @param {Model} model
 * @param {View} view
 * @param {Data} data
 * @param {HTMLElement} first
 * @param {() => Curves} curves of the chosen cell
 * @param {() => void} heard
 */
function mapFooter(model, view, data, first, curves, heard) {
  return footer(model, {
    first,
    numbers() {
      const now = curves();
      const end = now.loss.mean.length < data.epochs ? ", as far as none had diverged" : "";
      const subject = capital(cellWords(data, view.place()));
      return { caption: `${subject}: mean of ${now.seeds} runs${end}`, rows: meansTable(now) };
    },
    csv() {
      const chosen = data.axes.map(({ name, values }) => values[view.now().at[name]]);
      return { name: `rates-${chosen.join("-")}.csv`, rows: meansCsv(curves()) };
    },
    shown: view.place,
    heard,
  });
}

/** @param {Context} context */
function render({ model, el }) {
  const data = dataOf(model);
  const { axes, quantities } = data;
  const curvesAt = unpack(data);
  const trait = { name: "quantity", values: quantities.map(({ name }) => name) };
  const view = makeView(model, { name: "rates", axes, aspects: Object.keys(quantities), trait, changed: show });
  const shown = choice({ label: "Shown in the map", values: trait.values, change: (aspect) => view.go({ aspect }) });
  const columns = axes[1].values.length;
  const map = makeMap(data, (place) => view.go({ at: { rate: Math.floor(place / columns), batch: place % columns } }));
  const panels = cellPanels(data.epochs);
  const says = element("p.explorer-says", { "aria-live": "polite" });
  const placeAt = (/** @type {Position | null} */ at) => at && placeOf(axes, at);
  const pin = pinButton(view, el, "cell", (at) => cellWords(data, placeOf(axes, at)));
  const foot = mapFooter(model, view, data, pin.button, () => curvesAt(view.place()), drawCurves);
  const curves = element("div.explorer-panels", {}, ...panels.boxes);
  const left = element("div.explorer-rates-map", {}, map.box, says);
  const right = element("div.explorer-rates-curves", {}, curves, legend(MEANING));
  const both = element("div.explorer-rates", {}, left, right);
  fill(el, "learning rate and batch size", shown.box, both, ...foot.parts);

  function drawCurves() {
    const pinned = placeAt(view.now().pinned);
    const before = pinned === null ? null : curvesAt(pinned);
    panels.show({ now: curvesAt(view.place()), before, live: foot.training.history() });
  }

  function show() {
    const { aspect, pinned } = view.now();
    const [quantity, here, other] = [quantities[aspect], view.place(), placeAt(pinned)];
    shown.set(aspect);
    map.show(quantity, here, other);
    drawCurves();
    says.textContent = sentence({ data, quantity, here, pinned: other, curves: curvesAt(here) });
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
