// Diagnose it: a recorded training curve without its name. The reader names the headache and the cure.

/**
 * A recorded run: where its task, its headache and its cure stand in the lists, the four curves, and what is said after
 * the answer.
 * @typedef {object} Round
 * @property {string} task
 * @property {number} headache
 * @property {string} was the configuration in words
 * @property {string} seen what gives the headache away
 * @property {[number, number, number, string] | null} mark panel, metric, epoch and text
 * @property {number} most where the scale of the losses ends
 * @property {number[]} curves packed
 */

/** @typedef {{name: string, cure: number, sign: string, advice: string}} Headache */
/** @typedef {{does: string, several: string, rows: number, loss: number, accuracy: number, best: number}} Task */
/** @typedef {{rounds: number, headaches: number, cures: number}} Score */

const SCORE = "explorer-diagnose";
const NOTHING = { rounds: 0, headaches: 0, cures: 0 };

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
function drawer(headaches) {
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

/**
 * The score that is kept in a browser. Whatever else is stored there counts as nothing, and so does a store that is
 * closed to us.
 * @param {boolean} kept whether it is kept at all
 */
function scores(kept) {
  return {
    /** @returns {Score} */
    read() {
      try {
        const { rounds, headaches, cures } = JSON.parse((kept && localStorage.getItem(SCORE)) || "{}");
        const whole = [rounds, headaches, cures].every((n) => Number.isSafeInteger(n) && n >= 0);
        return whole && headaches <= rounds && cures <= rounds ? { rounds, headaches, cures } : { ...NOTHING };
      } catch {
        return { ...NOTHING };
      }
    },
    /** @param {Score} score */
    write(score) {
      try {
        if (kept) localStorage.setItem(SCORE, JSON.stringify(score));
      } catch {
        // Private windows and full stores: it is kept as long as the page is open.
      }
    },
  };
}

/** A loss in as many digits as it needs. @param {number} value @returns {string} */
const brief = (value) => (value < 10 ? value.toFixed(3) : written(Math.round(value)));

/**
 * What a curve does, for who does not see it, and nothing that gives the answer away.
 * @param {string} name
 * @param {number[]} values
 * @param {(value: number) => string} spell
 * @returns {string}
 */
function course(name, values, spell) {
  const stops = values.map((_, n) => n + 1).filter((epoch) => epoch < 4 || epoch % 5 === 0 || epoch === values.length);
  return `${name}: ${stops.map((epoch) => `${spell(values[epoch - 1])} at epoch ${epoch}`).join(", ")}.`;
}

/**
 * Say which values lie above the scale.
 * @param {Record<string, number[]>} curves
 * @param {number} top
 * @param {number} huge what stands for a value that could not be recorded
 * @returns {string} nothing if there are none
 */
function beyond(curves, top, huge) {
  const parts = [];
  for (const [name, values] of [["training", curves.loss], ["validation", curves.val_loss]]) {
    const epochs = /** @type {number[]} */ (values).flatMap((value, n) => (value > top ? [n + 1] : []));
    if (!epochs.length) continue;
    const most = Math.max(.../** @type {number[]} */ (values));
    const size = most >= huge ? `more than ${written(huge)}, or not a number` : brief(most);
    parts.push(
      epochs.length === 1
        ? `the ${name} loss of epoch ${epochs[0]} (${size})`
        : `the ${name} loss of ${epochs.length} epochs, from epoch ${epochs[0]} on (at most ${size})`,
    );
  }
  return parts.length ? `Above the scale: ${parts.join(", and ")}.` : "";
}

/** @param {{model: Model, el: HTMLElement}} context */
function render({ model, el }) {
  const data = model.get("_data");
  /** @type {Round[]} */
  const every = data.rounds;
  /** @type {Headache[]} */
  const headaches = data.headaches;
  /** @type {string[]} */
  const cures = data.cures;
  const epochs = data.epochs;
  const link = address(model, "diagnose");
  const draw = drawer(every.map((each) => each.headache));
  const store = scores(!model.send);

  let score = store.read();
  let place = -1;
  let count = 0;
  let answered = false;
  let chosen = { headache: -1, cure: -1 };
  /** @type {Record<typeof METRICS[number], number[]>} */
  let curves;
  /** @type {History | null} */
  let live = null;
  // What a training of an earlier round still sends is not drawn over another curve.
  let listening = false;

  const isPlace = (/** @type {unknown} */ value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) < every.length;

  const question = element("p.diagnose-question", { tabindex: -1 });
  const x = epochAxis(epochs);
  const shares = [0, 0.2, 0.4, 0.6, 0.8, 1];
  const whole = (/** @type {number} */ value) => `${Math.round(100 * value)} %`;
  const losses = chart({ title: "Loss", x, y: scaleTo(1), label: "" });
  const accuracies = chart({ title: "Accuracy", x, y: { ticks: shares, min: -0.02, max: 1, format: whole }, label: "" });
  const above = element("p.diagnose-above");
  const choose = (/** @type {keyof typeof chosen} */ what) => (/** @type {number} */ index) => {
    chosen = { ...chosen, [what]: index };
    missing.textContent = "";
    link.write([place]);
  };
  const choices = {
    headache: choice({ label: "The headache", values: headaches.map((each) => each.name), change: choose("headache") }),
    cure: choice({ label: "The cure", values: cures, change: choose("cure") }),
  };
  const missing = element("p.diagnose-missing", { role: "status" });
  const reveal = element("button", { type: "submit" }, "Answer");
  const form = element(
    "form.diagnose-form",
    { submit: answer },
    element("div.explorer-controls", {}, choices.headache.box, choices.cure.box),
    missing,
    element("div.explorer-buttons", {}, reveal),
  );
  const result = element("div.diagnose-answer", { role: "group", "aria-label": "Answer", tabindex: -1, hidden: true });
  const next = element("button", { type: "button", click: proceed }, "Next curve");
  const foot = footer(model, {
    first: next,
    numbers() {
      const cells = curves.loss.map((_, n) => [n + 1, ...METRICS.map((metric) => curves[metric][n].toFixed(3))]);
      return table("One run", ["epoch", ...COLUMNS], cells);
    },
    csv: () => ({
      name: `diagnose-${place}.csv`,
      rows: [["epoch", ...METRICS], ...curves.loss.map((_, n) => [n + 1, ...METRICS.map((metric) => curves[metric][n])])],
    }),
    heard(history) {
      if (!listening) foot.status.textContent = "";
      else if (history) {
        live = history;
        drawCurves();
      }
    },
  });
  foot.training.button.addEventListener("click", () => {
    listening = listening || !model.get("training");
  });
  const told = element("span");
  el.classList.add("explorer");
  el.replaceChildren(
    element(
      "section.diagnose",
      { "aria-label": "Explorer: diagnose a training curve" },
      question,
      element("div.explorer-panels", {}, losses.box, accuracies.box),
      legend({ training: "training", validation: "validation", guessing: "guessing" }),
      above,
      form,
      result,
      foot.buttons,
      foot.status,
      element("p.diagnose-score", {}, told, element("button", { type: "button", click: startOver }, "Start over")),
      foot.details,
      foot.source,
    ),
  );

  /** @param {number} most */
  function scaleTo(most) {
    const ticks = ticksTo(most);
    const digits = Math.round(100 * ticks[1]) % 10 ? 2 : 1;
    return { ticks, min: 0, max: ticks[ticks.length - 1], format: (/** @type {number} */ value) => value.toFixed(digits) };
  }

  /**
   * Show a run, with nothing chosen.
   * @param {number} now
   */
  function go(now) {
    place = now;
    count += 1;
    answered = false;
    live = null;
    listening = false;
    chosen = { headache: -1, cure: -1 };
    const following = curvesOf(every[place].curves, epochs);
    curves = /** @type {any} */ (Object.fromEntries(METRICS.map((metric) => [metric, following()])));
    model.set("round", place);
    model.save_changes();
    show();
  }

  function show() {
    const one = every[place];
    /** @type {Task} */
    const task = data.tasks[one.task];
    question.replaceChildren(
      element("strong", {}, `Curve ${count}.`),
      ` A network ${task.does}. Guessing is right in ${whole(task.accuracy)} of cases, with a loss of ${task.loss.toFixed(2)}. ` +
        `The best of all recorded networks without a flaw in the data, with up to ${written(task.rows)} ${task.several} to learn ` +
        `from, is right about ${percent(task.best)} of new ones. ` +
        "What does this one suffer from, if from anything, and what is the cure?",
    );
    const y = scaleTo(one.most);
    const label = (/** @type {string} */ title, /** @type {"loss" | "accuracy"} */ metric, /** @type {typeof brief} */ spell) =>
      `${title} over ${epochs} epochs. ${course("Training", curves[metric], spell)} ` +
      course("Validation", curves[`val_${metric}`], spell);
    losses.relabel({ label: label("Loss", "loss", brief), y });
    accuracies.relabel({ label: label("Accuracy", "accuracy", percent) });
    above.textContent = beyond(curves, y.max, data.huge);
    above.hidden = !above.textContent;
    drawCurves();
    for (const what of /** @type {const} */ (["headache", "cure"])) {
      const { box, set } = choices[what];
      set(chosen[what]);
      box.disabled = answered;
      const right = what === "headache" ? one.headache : headaches[one.headache].cure;
      [...box.querySelectorAll("label")].forEach((label, n) => {
        label.classList.toggle("right", answered && n === right);
        label.classList.toggle("wrong", answered && n === chosen[what] && n !== right);
      });
    }
    missing.textContent = "";
    reveal.hidden = answered;
    next.hidden = !answered;
    foot.training.button.disabled = !answered;
    result.hidden = !answered;
    result.replaceChildren(...(answered ? verdict() : []));
    model.set("sentence", answered ? result.textContent : question.textContent);
    tell();
    foot.tabulate();
  }

  function drawCurves() {
    const { task: name, mark } = every[place];
    /** @type {Task} */
    const task = data.tasks[name];
    [losses, accuracies].forEach((panel, number) => {
      const metric = /** @type {const} */ (["loss", "accuracy"])[number];
      const line = (/** @type {string} */ kind, /** @type {number[]} */ values) => ({
        kind,
        points: values.map((value, n) => /** @type {[number, number]} */ ([n + 1, value])),
      });
      // Only where it is on the scale: what lies above is drawn at its end.
      const guess = number || task.loss <= scaleTo(every[place].most).max ? [line("guess", Array(epochs).fill(task[metric]))] : [];
      panel.draw(
        [...guess, line("training", curves[metric]), line("validation", curves[`val_${metric}`]), ...liveLines(live, metric)],
        answered && mark && mark[0] === number
          ? [{ kind: "best", at: [mark[2], curves[METRICS[mark[1]]][mark[2] - 1]], text: mark[3] }]
          : [],
      );
    });
  }

  function verdict() {
    const one = every[place];
    const { name, cure, advice } = headaches[one.headache];
    const right = { headache: chosen.headache === one.headache, cure: chosen.cure === cure };
    const lead = right.headache
      ? right.cure ? "Both are right." : "The headache is right, the cure is not."
      : right.cure ? "The cure is right, the headache is not." : "Neither is right.";
    const other = headaches[chosen.headache];
    const instead = right.headache ? "" : ` You named: ${other.name}. Its sign would be ${other.sign}.`;
    const parts = [
      ["The headache", `${name[0].toUpperCase()}${name.slice(1)}.${instead}`],
      ["What gives it away", one.seen],
      ["The cure", `${cures[cure][0].toUpperCase()}${cures[cure].slice(1)}. ${advice}`],
      ["What it was", one.was],
    ];
    return [
      element("p", {}, element("strong", {}, lead)),
      element("dl", {}, ...parts.flatMap(([term, text]) => [element("dt", {}, term), element("dd", {}, text)])),
    ];
  }

  /** @param {Event} event */
  function answer(event) {
    event.preventDefault();
    if (answered) return;
    const open = /** @type {const} */ (["headache", "cure"]).filter((what) => chosen[what] < 0);
    if (open.length) {
      missing.textContent = `Choose a ${open.join(" and a ")} first.`;
      choices[open[0]].box.querySelector("input").focus();
      return;
    }
    answered = true;
    const { headache } = every[place];
    score = {
      rounds: score.rounds + 1,
      headaches: score.headaches + Number(chosen.headache === headache),
      cures: score.cures + Number(chosen.cure === headaches[headache].cure),
    };
    store.write(score);
    show();
    result.focus();
  }

  function proceed() {
    if (model.get("training")) model.send?.({ do: "stop" });
    foot.status.textContent = "";
    go(draw(place));
    link.write([place]);
    question.focus();
  }

  function startOver() {
    score = { ...NOTHING };
    store.write(score);
    tell();
  }

  function tell() {
    const { rounds, headaches: named, cures: cured } = score;
    told.textContent = rounds ? `${named} of ${rounds} headaches named, ${cured} of ${rounds} cures.` : "No answers so far.";
  }

  const onRound = () => {
    const now = model.get("round");
    if (isPlace(now) && now !== place) go(now);
  };
  model.on("change:round", onRound);
  const [given] = link.read();
  const asked = /^\d{1,4}$/.test(given ?? "") ? Number(given) : model.get("round");
  go(isPlace(asked) ? asked : draw(-1));
  return () => {
    foot.training.release();
    model.off("change:round", onRound);
  };
}

export default { render };
