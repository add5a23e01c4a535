// The charts of the explorer that asks.

/** @import { Mark } from "./chart.js" */
/** @import { Data, Quiz, Round } from "./diagnose_quiz.js" */
/** @import { Panel } from "./lines.js" */
/** @import { History } from "./recorded.js" */
import { chart, epochAxis, scaleTo, shareAxis } from "./chart.js";
import { beyond, course } from "./diagnose_words.js";
import { element } from "./dom.js";
import { byEpoch, legend, liveLines } from "./lines.js";
import { lossText, percent } from "./numbers.js";

/** @param {string} kind @param {number[]} values */
const line = (kind, values) => ({ kind, points: byEpoch(values) });

/** For who does not see them. @param {History} curves @param {Panel} panel @param {(value: number) => string} spell */
const courses = (curves, panel, spell) =>
  `${course("Training", curves[panel], spell)} ${course("Validation", curves[`val_${panel}`], spell)}`;

/**
 * The mark of a run, if it belongs on a panel.
 * @param {Round} round
 * @param {History} curves
 * @param {number} panel
 * @returns {Mark[]}
 */
function marksOf({ mark }, curves, panel) {
  if (mark?.[0] !== panel) return [];
  const [, metric, epoch, text] = mark;
  return [{ kind: "best", at: [epoch, curves[metric][epoch - 1]], text }];
}

/** Loss and accuracy, and what lies above the scale. @param {Data} data @param {Quiz} quiz */
export function roundPanels({ epochs, tasks, huge, floor }, quiz) {
  const x = epochAxis(epochs);
  const losses = chart({ title: "Loss", x, y: scaleTo(1) });
  const accuracies = chart({ title: "Accuracy", x, y: shareAxis([0, 0.2, 0.4, 0.6, 0.8, 1], floor) });
  const above = element("p.diagnose-above");
  const meaning = legend({ training: "training", validation: "validation", guessing: "guessing" });
  return {
    parts: [element("div.explorer-panels", {}, losses.box, accuracies.box), meaning, above],
    relabel() {
      const { curves } = quiz.now();
      const y = scaleTo(quiz.round().most);
      losses.relabel({ label: `Loss over ${epochs} epochs. ${courses(curves, "loss", lossText)}`, y });
      accuracies.relabel({ label: `Accuracy over ${epochs} epochs. ${courses(curves, "accuracy", percent)}` });
      above.textContent = beyond(curves, y.max, huge);
      above.hidden = !above.textContent;
    },
    /** @param {History | null} live */
    draw(live) {
      const [round, { curves, answer }] = [quiz.round(), quiz.now()];
      const guess = tasks[round.task];
      const drawn = (/** @type {Panel} */ panel) => [
        line("training", curves[panel]),
        line("validation", curves[`val_${panel}`]),
        ...liveLines(live, panel),
      ];
      const level = (/** @type {number} */ value) => line("guess", Array(epochs).fill(value));
      // Only where it is on the scale: what lies above is drawn at its end.
      const seen = guess.loss <= scaleTo(round.most).max ? [level(guess.loss)] : [];
      losses.draw([...seen, ...drawn("loss")], answer ? marksOf(round, curves, 0) : []);
      accuracies.draw([level(guess.accuracy), ...drawn("accuracy")], answer ? marksOf(round, curves, 1) : []);
    },
  };
}
