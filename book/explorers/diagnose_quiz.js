// Which recorded run is asked about, and what was answered. The page's address and the widget's trait hold its place.

/** @import { Model } from "./model.js" */
/** @import { History, Metric } from "./recorded.js" */
import { address } from "./address.js";
import { drawer } from "./diagnose_draw.js";
import { curvesOf } from "./recorded.js";

/**
 * A recorded run: where its headache stands in the list, the four curves, and what is said after the answer.
 * @typedef {object} Round
 * @property {string} task
 * @property {number} headache
 * @property {string} was the configuration in words
 * @property {string} seen what gives the headache away
 * @property {[number, Metric, number, string] | null} mark panel, metric, epoch and text
 * @property {number} most where the scale of the losses ends
 * @property {number[]} curves packed
 */

/** @typedef {{name: string, cure: number, sign: string, advice: string}} Headache */

/**
 * What is asked about the runs of a task, and the loss and the accuracy of guessing.
 * @typedef {{question: string, loss: number, accuracy: number}} Task
 */

/**
 * @typedef {object} Data
 * @property {number} epochs
 * @property {Metric[]} metrics in the order of the curves
 * @property {Round[]} rounds
 * @property {Headache[]} headaches
 * @property {string[]} cures
 * @property {Record<string, Task>} tasks
 * @property {number} huge what stands for a value that could not be recorded
 * @property {number} floor where the scale of accuracies begins
 */

/** @typedef {{headache: number, cure: number}} Answer places in the lists; -1 for none */
/** @typedef {{headache: boolean, cure: boolean}} Right */

/**
 * `count`: how many runs have been asked about.
 * @typedef {{place: number, count: number, curves: History, answer: Answer | null}} State
 */

/** @param {Data} data @param {number} place @returns {History} */
function curvesAt({ metrics, epochs, rounds }, place) {
  const next = curvesOf(rounds[place].curves, epochs);
  return /** @type {any} */ (Object.fromEntries(metrics.map((metric) => [metric, next()])));
}

/**
 * @param {Model} model
 * @param {Data} data
 * @param {() => void} asked is called whenever another run is asked about
 */
export function makeQuiz(model, data, asked) {
  const { rounds, headaches } = data;
  const link = address(model, "diagnose");
  const draw = drawer(rounds.map(({ headache }) => headache));
  /** @type {State} */
  let state;

  const isPlace = (/** @type {number} */ place) => Number.isInteger(place) && place >= 0 && place < rounds.length;
  const go = (/** @type {number} */ place) => {
    state = { place, count: (state?.count ?? 0) + 1, curves: curvesAt(data, place), answer: null };
    model.set("round", place);
    model.save_changes();
    asked();
  };
  const onRound = () => {
    const place = model.get("round");
    if (isPlace(place) && place !== state.place) go(place);
  };

  return {
    start() {
      const [given] = link.read();
      const place = /^\d{1,4}$/.test(given ?? "") ? Number(given) : model.get("round");
      model.on("change:round", onRound);
      go(isPlace(place) ? place : draw(-1));
    },
    next() {
      go(draw(state.place));
      link.write([state.place]);
    },
    /** Once the reader does something, the address leads here. */
    keep: () => link.write([state.place]),
    now: () => state,
    round: () => rounds[state.place],
    /** What would be right. @returns {Answer} */
    solution: () => ({ headache: rounds[state.place].headache, cure: headaches[rounds[state.place].headache].cure }),
    /** @param {Answer} answer */
    answer: (answer) => (state = { ...state, answer }),
    release: () => model.off("change:round", onRound),
  };
}

/** @typedef {ReturnType<typeof makeQuiz>} Quiz */

/** @param {Answer} answer @param {Answer} solution @returns {Right} */
export const judged = (answer, solution) => ({
  headache: answer.headache === solution.headache,
  cure: answer.cure === solution.cure,
});
