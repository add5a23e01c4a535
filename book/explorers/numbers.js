// How numbers are written. Python writes them in the same way (book/explorers/numbers.py), and a test holds them equal.

const NUMBERS = new Intl.NumberFormat("en");

/** As people write them: 15,000. @param {number | string} value @returns {string} */
export const written = (value) => (typeof value === "number" ? NUMBERS.format(value) : value);

/** @param {number} share @returns {string} */
export const percent = (share) => `${(100 * share).toFixed(1)} %`;

/** For the ticks of an axis. @param {number} share @returns {string} */
export const wholePercent = (share) => `${Math.round(100 * share)} %`;

/** A loss, in as many digits as it needs. @param {number} loss @returns {string} */
export function lossText(loss) {
  if (loss < 9.9995) return loss.toFixed(3);
  return loss < 99.95 ? loss.toFixed(1) : written(Math.round(loss));
}

/** A sentence, or a part of one, with a capital at its start. @param {string} text @returns {string} */
export const capital = (text) => text[0].toUpperCase() + text.slice(1);
