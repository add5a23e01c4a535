// Where a reader chooses a headache and a cure.

/** @import { Answer } from "./diagnose_quiz.js" */
import { choice } from "./controls.js";
import { element } from "./dom.js";

const PARTS = /** @type {const} */ (["headache", "cure"]);

/**
 * Tell the right option, and the one that was wrongly chosen.
 * @param {HTMLElement} box
 * @param {number} right -1 while there is nothing to tell
 * @param {number} chosen
 */
function markOptions(box, right, chosen) {
  [...box.querySelectorAll("label")].forEach((label, n) => {
    label.classList.toggle("right", n === right);
    label.classList.toggle("wrong", right >= 0 && n === chosen && n !== right);
  });
}

/**
 * @param {{headache: string[], cure: string[]}} options
 * @param {() => void} chose is called when the reader chooses something
 * @param {(answer: Answer) => void} answered is called with an answer that is whole
 */
export function answerForm(options, chose, answered) {
  let answer = { headache: -1, cure: -1 };
  const choose = (/** @type {keyof Answer} */ part) => (/** @type {number} */ index) => {
    answer = { ...answer, [part]: index };
    missing.textContent = "";
    chose();
  };
  const choices = {
    headache: choice({ label: "The headache", values: options.headache, change: choose("headache") }),
    cure: choice({ label: "The cure", values: options.cure, change: choose("cure") }),
  };
  const missing = element("p.diagnose-missing", { role: "status" });
  const button = element("button", { type: "submit" }, "Answer");
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (button.hidden) return;
    const open = PARTS.filter((part) => answer[part] < 0);
    if (!open.length) return answered(answer);
    missing.textContent = `Choose a ${open.join(" and a ")} first.`;
    choices[open[0]].box.querySelector("input").focus();
  };
  const boxes = element("div.explorer-controls", {}, choices.headache.box, choices.cure.box);
  return {
    box: element("form.diagnose-form", { submit }, boxes, missing, element("div.explorer-buttons", {}, button)),
    /** Ask anew, or show what is right. @param {Answer | null} right */
    show(right) {
      if (!right) answer = { headache: -1, cure: -1 };
      for (const part of PARTS) {
        const { box, set } = choices[part];
        set(answer[part]);
        box.disabled = Boolean(right);
        markOptions(box, right ? right[part] : -1, answer[part]);
      }
      missing.textContent = "";
      button.hidden = Boolean(right);
    },
  };
}
