// A chart with fixed scales, as wide as its box.

/** @import { Shape } from "./dom.js" */
import { become, element } from "./dom.js";
import { wholePercent } from "./numbers.js";

/** @typedef {{label: string, ticks: [number, string][], min: number, max: number}} AxisX */
/** @typedef {{ticks: number[], min: number, max: number, format: (value: number) => string}} AxisY */
/** @typedef {{width: number, x: AxisX, y: AxisY}} Space what a place on the chart depends on */
/** @typedef {[number, number]} Point */
/** @typedef {{kind: string, points: Point[], spread?: number[], marks?: boolean}} Line `marks`: a dot at each point */
/** @typedef {{kind: string, at: Point, text?: string}} Mark `here`: a vertical line; any other kind: a star */

const HEIGHT = 210;
const EDGE = { left: 44, right: 8, top: 10, bottom: 36 };
const STAR = "M0-7 1.8-2.2 6.9-2 2.9 1.1 4.3 6 0 3.1-4.3 6-2.9 1.1-6.9-2-1.8-2.2Z";

/** @param {Space} space @param {number} value @returns {number} */
const across = ({ width, x }, value) =>
  EDGE.left + ((value - x.min) / (x.max - x.min)) * (width - EDGE.left - EDGE.right);

/** What lies above the scale is drawn at its end. @param {Space} space @param {number} value @returns {number} */
function down({ y }, value) {
  const share = Math.min(1.02, Math.max(0, (value - y.min) / (y.max - y.min)));
  return HEIGHT - EDGE.bottom - share * (HEIGHT - EDGE.top - EDGE.bottom);
}

/** @param {Space} space @param {Point} point @returns {string} */
const pair = (space, [at, value]) => `${across(space, at).toFixed(1)} ${down(space, value).toFixed(1)}`;

/** The grid and the texts of the axes. @param {Space} space @returns {Node[]} */
function frameParts(space) {
  const { width, x, y } = space;
  const right = width - EDGE.right;
  const text = (/** @type {string} */ what, /** @type {number} */ left, /** @type {number} */ top, anchor = "middle") =>
    element("svg:text", { x: left, y: top, "text-anchor": anchor }, what);
  const grid = y.ticks.flatMap((tick) => {
    const top = down(space, tick);
    const line = element("svg:line.explorer-grid", { x1: EDGE.left, x2: right, y1: top, y2: top });
    return [line, text(y.format(tick), EDGE.left - 6, top + 4, "end")];
  });
  const room = (right - EDGE.left) / x.ticks.length;
  const every = room < 32 ? Math.ceil(32 / room) : 1;
  const ticks = x.ticks
    .filter((_, number) => number % every === 0)
    .map(([value, what]) => text(what, across(space, value), HEIGHT - EDGE.bottom + 16));
  return [...grid, ...ticks, text(x.label, (EDGE.left + right) / 2, HEIGHT - 4)];
}

/** @param {Space} space @param {Line} line @returns {Shape[]} */
function lineShapes(space, { kind, points, spread, marks }) {
  /** @type {Shape[]} */
  const shapes = [];
  if (spread) {
    const edge = (/** @type {number} */ side) =>
      points.map(([at, value], n) => pair(space, [at, value + side * spread[n]]));
    shapes.push([`svg:path.explorer-band.${kind}`, { d: `M${[...edge(-1), ...edge(1).reverse()].join("L")}Z` }]);
  }
  const seen = points.filter(([, value]) => Number.isFinite(value));
  const path = seen.map((point, n) => `${n ? "L" : "M"}${pair(space, point)}`);
  shapes.push([`svg:path.explorer-line.${kind}`, { d: path.join("") }]);
  for (const [at, value] of marks ? seen : []) {
    shapes.push([`svg:circle.explorer-dot.${kind}`, { cx: across(space, at), cy: down(space, value), r: 3 }]);
  }
  return shapes;
}

/** @param {Space} space @param {Mark} mark @returns {Shape[]} */
function markShapes(space, { kind, at, text }) {
  const [left, top] = [across(space, at[0]), down(space, at[1])];
  /** @type {Shape[]} */
  const shapes = [
    kind === "here"
      ? ["svg:line.explorer-here", { x1: left, x2: left, y1: EDGE.top, y2: HEIGHT - EDGE.bottom }]
      : [`svg:path.explorer-star.${kind}`, { d: STAR, transform: `translate(${left} ${top})` }],
  ];
  if (text) {
    const right = left > space.width / 2;
    const place = { x: left + (right ? -9 : 9), y: Math.max(top - 8, 12), "text-anchor": right ? "end" : "start" };
    shapes.push(["svg:text.explorer-mark", place, text]);
  }
  return shapes;
}

/**
 * `draw` is called on every change and touches only what moves.
 * @param {{title: string, x: AxisX, y: AxisY}} options
 */
export function chart({ title, x, y }) {
  const svg = element("svg:svg.explorer-chart", { role: "img", height: HEIGHT });
  const frame = element("svg:g");
  const content = element("svg:g");
  svg.append(frame, content);
  const box = element("figure.explorer-panel", {}, element("figcaption", {}, title), svg);
  const space = { width: 0, x, y };
  /** @type {() => Shape[]} */
  let shapes = () => [];

  const drawFrame = () => frame.replaceChildren(...frameParts(space));
  const drawContent = () => become(content, shapes());
  new ResizeObserver(([{ contentRect }]) => {
    if (Math.abs(contentRect.width - space.width) < 1) return;
    space.width = contentRect.width;
    svg.setAttribute("viewBox", `0 0 ${space.width} ${HEIGHT}`);
    drawFrame();
    drawContent();
  }).observe(box);

  return {
    box,
    /** @param {{label: string, x?: AxisX, y?: AxisY}} change what is left out stays */
    relabel({ label, ...axes }) {
      svg.setAttribute("aria-label", label);
      const before = JSON.stringify(space);
      Object.assign(space, axes);
      if (space.width && JSON.stringify(space) !== before) drawFrame();
    },
    /** @param {Line[]} lines @param {Mark[]} [marks] */
    draw(lines, marks = []) {
      shapes = () => [
        ...lines.flatMap((line) => lineShapes(space, line)),
        ...marks.flatMap((mark) => markShapes(space, mark)),
      ];
      if (space.width) drawContent();
    },
  };
}

/**
 * A horizontal axis of epochs.
 * @param {number} epochs
 * @returns {AxisX}
 */
export function epochAxis(epochs) {
  const fives = Array.from({ length: Math.floor(epochs / 5) }, (_, n) => 5 * (n + 1));
  return { label: "epoch", ticks: fives.map((epoch) => [epoch, String(epoch)]), min: 1, max: epochs };
}

/**
 * A vertical axis from zero with round ticks: the largest value, rounded up, and four steps to it.
 * @param {number} most
 * @returns {AxisY}
 */
export function scaleTo(most) {
  const step = [0.05, 0.1, 0.2, 0.25, 0.5, 1, 2, 5].find((size) => size * 5 >= most) ?? 10;
  const ticks = Array.from({ length: Math.ceil(most / step - 1e-9) + 1 }, (_, n) => n * step);
  const digits = Math.round(100 * step) % 10 ? 2 : 1;
  return { ticks, min: 0, max: ticks[ticks.length - 1], format: (value) => value.toFixed(digits) };
}

/** A vertical axis of shares. @param {number[]} ticks @param {number} min @returns {AxisY} */
export const shareAxis = (ticks, min) => ({ ticks, min, max: 1, format: wholePercent });
