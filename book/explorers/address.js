// The part of the page's address that belongs to an explorer: `?name=a~b~c`.

/** @import { Model } from "./model.js" */

/**
 * Only on a page: a notebook's address is not ours.
 * @param {Model} model
 * @param {string} name
 */
export function address(model, name) {
  const on = !model.send;
  let waiting = 0;
  return {
    /** @returns {string[]} */
    read: () => (on ? (new URLSearchParams(location.search).get(name) ?? "").split("~").filter(Boolean) : []),
    /** @param {(string | number)[]} parts */
    write(parts) {
      if (!on) return;
      // Once the reader pauses: it takes a browser some milliseconds, and some allow it only so often.
      clearTimeout(waiting);
      waiting = setTimeout(() => replace(name, parts.join("~")), 200);
    },
  };
}

/** @param {string} name @param {string} text */
function replace(name, text) {
  const url = new URL(location.href);
  url.searchParams.set(name, text);
  try {
    history.replaceState(history.state, "", url);
  } catch {
    // Some browsers let no local file change its address.
  }
}
