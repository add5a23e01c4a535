// Diagnose it: a recorded training curve without its name. The reader names the headache and the cure.

/** @import { Answer, Data, Quiz } from "./diagnose_quiz.js" */
/** @import { Context, Model } from "./model.js" */
/** @import { History } from "./recorded.js" */
import { answerForm } from "./diagnose_form.js";
import { roundPanels } from "./diagnose_panels.js";
import { judged, makeQuiz } from "./diagnose_quiz.js";
import { scoreLine } from "./diagnose_score.js";
import { explanation, lead } from "./diagnose_words.js";
import { element, fill } from "./dom.js";
import { footer } from "./footer.js";
import { METRICS } from "./recorded.js";

/** What is asked. @param {Data} data @param {Quiz} quiz */
function questionLine({ tasks }, quiz) {
  const box = element("p.diagnose-question", { tabindex: -1 });
  return {
    box,
    show() {
      const number = element("strong", {}, `Curve ${quiz.now().count}.`);
      box.replaceChildren(number, ` ${tasks[quiz.round().task].question}`);
    },
  };
}

/** What is told after an answer. @param {Data} data @param {Quiz} quiz */
function answerBox({ headaches, cures }, quiz) {
  const box = element("div.diagnose-answer", { role: "group", "aria-label": "Answer", tabindex: -1, hidden: true });
  /** @param {Answer} answer */
  const parts = (answer) => {
    const { headache, cure } = quiz.solution();
    const right = judged(answer, quiz.solution());
    const named = right.headache ? null : headaches[answer.headache];
    const terms = explanation(quiz.round(), headaches[headache], cures[cure], named);
    return [
      element("p", {}, element("strong", {}, lead(right))),
      element("dl", {}, ...terms.flatMap(([term, text]) => [element("dt", {}, term), element("dd", {}, text)])),
    ];
  };
  return {
    box,
    show() {
      const { answer } = quiz.now();
      box.hidden = !answer;
      box.replaceChildren(...(answer ? parts(answer) : []));
    },
  };
}

/** The numbers of a run, one row an epoch. @param {History} curves @param {(value: number) => string | number} spell */
const rowsOf = (curves, spell) =>
  curves.loss.map((_, n) => [n + 1, ...METRICS.map((metric) => spell(curves[metric][n]))]);

/**
 * @param {Model} model
 * @param {Quiz} quiz
 * @param {HTMLElement} first
 * @param {(history: History | null) => void} draw the curves, and those of a training
 */
function quizFooter(model, quiz, first, draw) {
  const foot = footer(model, {
    first,
    numbers: () => ({ caption: "One run", rows: rowsOf(quiz.now().curves, (value) => value.toFixed(3)) }),
    csv: () => ({
      name: `diagnose-${quiz.now().place}.csv`,
      rows: [["epoch", ...METRICS], ...rowsOf(quiz.now().curves, (value) => value)],
    }),
    shown: () => quiz.now()?.count ?? 0,
    heard() {
      // What a training of an earlier curve still says is of no use here.
      if (foot.training.isShown()) draw(foot.training.history());
      else foot.training.status.textContent = "";
    },
  });
  return foot;
}

/** @param {Context} context */
function render({ model, el }) {
  /** @type {Data} */
  const data = model.get("_data");
  const names = { headache: data.headaches.map(({ name }) => name), cure: data.cures };
  const quiz = makeQuiz(model, data, show);
  const question = questionLine(data, quiz);
  const panels = roundPanels(data, quiz);
  const form = answerForm(names, quiz.keep, answer);
  const result = answerBox(data, quiz);
  const score = scoreLine(!model.send);
  const next = element("button", { type: "button", click: proceed }, "Next curve");
  const foot = quizFooter(model, quiz, next, panels.draw);
  const [buttons, status, ...numbers] = foot.parts;
  const parts = [question.box, ...panels.parts, form.box, result.box, buttons, status, score.box, ...numbers];
  el.classList.add("diagnose");
  fill(el, "diagnose a training curve", ...parts);

  function show() {
    const done = Boolean(quiz.now().answer);
    question.show();
    panels.relabel();
    panels.draw(foot.training.history());
    form.show(done ? quiz.solution() : null);
    next.hidden = !done;
    foot.training.button.disabled = !done;
    result.show();
    model.set("sentence", (done ? result : question).box.textContent);
    foot.tabulate();
  }

  /** @param {Answer} given */
  function answer(given) {
    quiz.answer(given);
    score.count(judged(given, quiz.solution()));
    show();
    result.box.focus();
  }

  function proceed() {
    foot.training.leave();
    quiz.next();
    question.box.focus();
  }

  quiz.start();
  return () => {
    foot.training.release();
    quiz.release();
  };
}

export default { render };
