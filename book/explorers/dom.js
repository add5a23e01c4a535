// Elements: made in one call, and changed rather than made anew.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element: `element("p.note", {id: "a"}, "text")`, or one of SVG: `element("svg:path", {d: "M0 0"})`.
 * A function among the attributes is a listener; false or null leaves one out.
 * @param {string} what
 * @param {Record<string, any>} [attributes]
 * @param {...(Node | string)} children
 * @returns {any}
 */
export function element(what, attributes = {}, ...children) {
  const [tag, ...classes] = what.replace("svg:", "").split(".");
  const made = what.startsWith("svg:") ? document.createElementNS(SVG, tag) : document.createElement(tag);
  if (classes.length) made.setAttribute("class", classes.join(" "));
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== false && value !== null) made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children);
  return made;
}

/** @typedef {[what: string, attributes: Record<string, string | number>, text?: string]} Shape as for `element` */

/**
 * Give a parent these children. Those that are of the right kind already are changed and not made anew: a browser shows
 * that sooner.
 * @param {Element} parent
 * @param {Shape[]} shapes
 */
export function become(parent, shapes) {
  shapes.forEach(([what, attributes, text], n) => {
    const there = /** @type {any} */ (parent.childNodes[n]);
    if (there?.shape !== what) {
      const made = element(what, attributes, ...(text ? [text] : []));
      made.shape = what;
      if (there) there.replaceWith(made);
      else parent.append(made);
      return;
    }
    for (const [name, value] of Object.entries(attributes)) {
      if (there.getAttribute(name) !== String(value)) there.setAttribute(name, value);
    }
    if (text && there.textContent !== text) there.textContent = text;
  });
  while (parent.childNodes.length > shapes.length) parent.lastChild?.remove();
}

/**
 * Fill the place of an explorer with a section, which a screen reader calls by its label.
 * @param {HTMLElement} el
 * @param {string} label
 * @param {...Node} parts
 */
export function fill(el, label, ...parts) {
  el.classList.add("explorer");
  el.replaceChildren(element("section", { "aria-label": `Explorer: ${label}` }, ...parts));
}

let count = 0;

/** A name that no other part of the page has, nor another explorer on it. @returns {string} */
export const unique = () => `explorer-${++count}-${Math.random().toString(36).slice(2)}`;
