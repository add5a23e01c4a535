// The score, which is kept in a reader's browser.

import { element } from "./dom.js";

/** @typedef {{rounds: number, headaches: number, cures: number}} Score */

const KEY = "explorer-diagnose";
const NOTHING = { rounds: 0, headaches: 0, cures: 0 };

/**
 * Whatever else is stored counts as nothing, and so does a store that is closed to us.
 * @returns {Score}
 */
function stored() {
  try {
    const { rounds, headaches, cures } = JSON.parse(localStorage.getItem(KEY) || "{}");
    const whole = [rounds, headaches, cures].every((n) => Number.isSafeInteger(n) && n >= 0);
    return whole && headaches <= rounds && cures <= rounds ? { rounds, headaches, cures } : NOTHING;
  } catch {
    return NOTHING;
  }
}

/** @param {Score} score */
function store(score) {
  try {
    localStorage.setItem(KEY, JSON.stringify(score));
  } catch {
    // Private windows and full stores: it is kept as long as the page is open.
  }
}

/**
 * The line that tells the score, and its button.
 * @param {boolean} kept whether it is kept at all
 */
export function scoreLine(kept) {
  let score = kept ? stored() : NOTHING;
  const told = element("span");
  const tell = (/** @type {Score} */ now) => {
    score = now;
    const { rounds, headaches, cures } = score;
    told.textContent = rounds
      ? `${headaches} of ${rounds} headaches named, ${cures} of ${rounds} cures.`
      : "No answers so far.";
  };
  const change = (/** @type {Score} */ now) => {
    tell(now);
    if (kept) store(now);
  };
  const startOver = element("button", { type: "button", click: () => change(NOTHING) }, "Start over");
  tell(score);
  return {
    box: element("p.diagnose-score", {}, told, startOver),
    /** @param {{headache: boolean, cure: boolean}} right */
    count: ({ headache, cure }) =>
      change({
        rounds: score.rounds + 1,
        headaches: score.headaches + Number(headache),
        cures: score.cures + Number(cure),
      }),
  };
}
