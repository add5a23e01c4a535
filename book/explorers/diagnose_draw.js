// Which recorded run comes next.

/**
 * A new order, every one as likely.
 * @template T
 * @param {T[]} list
 * @returns {T[]}
 */
function shuffled(list) {
  const order = [...list];
  for (let n = order.length - 1; n > 0; n--) {
    const other = Math.floor(Math.random() * (n + 1));
    [order[n], order[other]] = [order[other], order[n]];
  }
  return order;
}

/**
 * Draws runs without end: each headache as often as any other, the runs of a headache in turn, none twice in a row.
 * Headaches lie twice in the bag that is drawn from, so that the last one cannot be told by what has been.
 * @param {number[]} headaches of each run
 * @returns {(last: number) => number} the place of the next run; `last` is that of the one before, or -1
 */
export function drawer(headaches) {
  const kinds = [...new Set(headaches)];
  /** @type {Map<number, number[]>} */
  const runs = new Map(kinds.map((kind) => [kind, headaches.flatMap((each, n) => (each === kind ? [n] : []))]));
  const left = new Map(kinds.map((kind) => [kind, /** @type {number[]} */ ([])]));
  /** @type {number[]} */
  let bag = [];
  return (last) => {
    const fits = (/** @type {number} */ kind) => runs.get(kind)?.some((run) => run !== last) ?? false;
    if (!bag.some(fits)) bag.push(...shuffled([...kinds, ...kinds]));
    const [kind] = bag.splice(Math.max(0, bag.findIndex(fits)), 1);
    const queue = /** @type {number[]} */ (left.get(kind));
    if (!queue.some((run) => run !== last)) queue.push(...shuffled(runs.get(kind) ?? []));
    return queue.splice(Math.max(0, queue.findIndex((run) => run !== last)), 1)[0];
  };
}
