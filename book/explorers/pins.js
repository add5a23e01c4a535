// Pinning: what the reader pins stays beside what comes next.

/** @import { Position, View } from "./view.js" */
import { element } from "./dom.js";

/**
 * The button that pins where the reader is, and lets go of it again.
 * @param {View} view
 * @param {HTMLElement} el the explorer: an attribute tells its legend whether something is pinned
 * @param {string} one what can be pinned is called
 * @param {(at: Position) => string} spell
 */
export function pinButton(view, el, one, spell) {
  const toggle = () => view.go({ pinned: view.now().pinned ? null : view.now().at });
  const button = element("button", { type: "button", click: toggle });
  return {
    button,
    show() {
      const { pinned } = view.now();
      button.textContent = pinned ? `Unpin ${spell(pinned)}` : `Pin this ${one}`;
      button.setAttribute("aria-pressed", String(Boolean(pinned)));
      el.toggleAttribute("data-pinned", Boolean(pinned));
    },
  };
}
