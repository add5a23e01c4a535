// Where a reader is among the recorded runs, and what is pinned: in the page's address and in the widget's traits.

/** @import { Model } from "./model.js" */
import { address } from "./address.js";

/** @typedef {{name: string, values: (string | number)[]}} Axis a trait of the widget, and what it can be */
/** @typedef {Record<string, number>} Position a place on each axis, by its name */

/**
 * `aspect`: the place in a list of what is looked at: a control, or a quantity.
 * @typedef {{at: Position, aspect: number, pinned: Position | null}} State
 */

/**
 * @typedef {object} Options
 * @property {string} name in the address
 * @property {Axis[]} axes
 * @property {string[]} aspects what the address calls them
 * @property {Axis} [trait] the one that holds the aspect, if any does
 * @property {() => void} changed is called whenever the state is another
 */

/**
 * Where a position stands in the order in which Python packs runs: the last axis runs first.
 * @param {Axis[]} axes
 * @param {Position} at
 * @returns {number}
 */
export const placeOf = (axes, at) => axes.reduce((sum, { name, values }) => sum * values.length + at[name], 0);

/** @param {Axis[]} axes @param {Position} at */
const toText = (axes, at) => axes.map(({ name }) => at[name]).join(".");

/**
 * @param {Axis[]} axes
 * @param {string} [text]
 * @returns {Position | null} null if the text is no position
 */
function fromText(axes, text = "") {
  const parts = text.split(".");
  const fits = axes.every(({ values }, n) => /^\d{1,2}$/.test(parts[n] ?? "") && Number(parts[n]) < values.length);
  return fits && parts.length === axes.length
    ? Object.fromEntries(axes.map(({ name }, n) => [name, Number(parts[n])]))
    : null;
}

/** @param {Model} model @param {Axis} axis */
const placeIn = (model, { name, values }) => Math.max(0, values.indexOf(model.get(name)));

/** @param {Model} model @param {Axis[]} axes @returns {Position} */
const fromTraits = (model, axes) => Object.fromEntries(axes.map((axis) => [axis.name, placeIn(model, axis)]));

/**
 * The state at first: that of the traits, or that of the address, of which anything that makes no sense is ignored.
 * @param {Model} model
 * @param {Options} options
 * @param {string[]} parts of the address
 * @returns {State}
 */
function atFirst(model, { axes, aspects, trait }, [shared, aspect, pinned]) {
  const usual = trait ? placeIn(model, trait) : 0;
  const at = fromText(axes, shared);
  if (!at) return { at: fromTraits(model, axes), aspect: usual, pinned: null };
  const asked = aspects.indexOf(aspect ?? "");
  return { at, aspect: asked < 0 ? usual : asked, pinned: fromText(axes, pinned) };
}

/**
 * @param {Model} model
 * @param {Options} options
 */
export function makeView(model, options) {
  const { name, axes, aspects, trait, changed } = options;
  const link = address(model, name);
  const traits = trait ? [...axes, trait] : axes;
  let state = atFirst(model, options, link.read());
  // The model tells of each trait that is set, also of the first of two.
  let setting = false;

  const toTraits = () => {
    setting = true;
    for (const axis of axes) model.set(axis.name, axis.values[state.at[axis.name]]);
    if (trait) model.set(trait.name, trait.values[state.aspect]);
    setting = false;
    model.save_changes();
  };
  const onTrait = () => {
    if (setting) return;
    const at = fromTraits(model, axes);
    const aspect = trait ? placeIn(model, trait) : state.aspect;
    if (toText(axes, at) === toText(axes, state.at) && aspect === state.aspect) return;
    state = { ...state, at, aspect };
    changed();
  };
  for (const each of traits) model.on(`change:${each.name}`, onTrait);

  return {
    now: () => state,
    /** @param {Partial<State>} change what the reader did */
    go(change) {
      state = { ...state, ...change };
      changed();
      toTraits();
      const pinned = state.pinned ? [toText(axes, state.pinned)] : [];
      link.write([toText(axes, state.at), aspects[state.aspect], ...pinned]);
    },
    place: () => placeOf(axes, state.at),
    /** For the name of a file. */
    text: () => toText(axes, state.at),
    release() {
      for (const each of traits) model.off(`change:${each.name}`, onTrait);
    },
  };
}

/** @typedef {ReturnType<typeof makeView>} View */
