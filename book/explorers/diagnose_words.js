// What the explorer that asks says.

/** @import { Headache, Right, Round } from "./diagnose_quiz.js" */
/** @import { History } from "./recorded.js" */
import { capital, lossText, written } from "./numbers.js";

/**
 * What a curve does, for who does not see it, and nothing that gives the answer away.
 * @param {string} name
 * @param {number[]} values
 * @param {(value: number) => string} spell
 * @returns {string}
 */
export function course(name, values, spell) {
  const stops = values.map((_, n) => n + 1).filter((epoch) => epoch < 4 || epoch % 5 === 0 || epoch === values.length);
  return `${name}: ${stops.map((epoch) => `${spell(values[epoch - 1])} at epoch ${epoch}`).join(", ")}.`;
}

/**
 * Say which values lie above the scale.
 * @param {History} curves
 * @param {number} top
 * @param {number} huge what stands for a value that could not be recorded
 * @returns {string} nothing if there are none
 */
export function beyond(curves, top, huge) {
  const parts = /** @type {const} */ ([["training", "loss"], ["validation", "val_loss"]]).flatMap(([name, metric]) => {
    const epochs = curves[metric].flatMap((value, n) => (value > top ? [n + 1] : []));
    if (!epochs.length) return [];
    const most = Math.max(...curves[metric]);
    const size = most >= huge ? `more than ${written(huge)}, or not a number` : lossText(most);
    return epochs.length === 1
      ? `the ${name} loss of epoch ${epochs[0]} (${size})`
      : `the ${name} loss of ${epochs.length} epochs, from epoch ${epochs[0]} on (at most ${size})`;
  });
  return parts.length ? `Above the scale: ${parts.join(", and ")}.` : "";
}

/** @param {Right} right @returns {string} */
export function lead({ headache, cure }) {
  if (headache) return cure ? "Both are right." : "The headache is right, the cure is not.";
  return cure ? "The cure is right, the headache is not." : "Neither is right.";
}

/**
 * What is told after an answer: terms, and what belongs to each.
 * @param {Round} round
 * @param {Headache} headache that it has
 * @param {string} cure that it needs
 * @param {Headache | null} named the one that was chosen, if it is another
 * @returns {[string, string][]}
 */
export function explanation(round, headache, cure, named) {
  const instead = named ? ` You named: ${named.name}. Its sign would be ${named.sign}.` : "";
  return [
    ["The headache", `${capital(headache.name)}.${instead}`],
    ["What gives it away", round.seen],
    ["The cure", `${capital(cure)}. ${headache.advice}`],
    ["What it was", round.was],
  ];
}
