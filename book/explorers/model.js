// What anywidget and the static page (assets/explorers.js) hand to an explorer. Types alone: nothing of it is carried.

/**
 * @typedef {object} Model
 * @property {(name: string) => any} get
 * @property {(name: string, value: unknown) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, callback: (...values: any[]) => void) => void} on
 * @property {(event: string, callback?: (...values: any[]) => void) => void} off
 * @property {(content: object) => void} [send] to the kernel; a page has none
 */

/** @typedef {{model: Model, el: HTMLElement}} Context */

export {};
