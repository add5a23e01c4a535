// Training in the kernel: the button that starts and stops it, and the line that says how far it is.

/** @import { Model } from "./model.js" */
/** @import { History } from "./recorded.js" */
import { element } from "./dom.js";

/**
 * @param {Model} model
 * @param {() => number} shown the number of what is shown
 * @param {() => void} heard is called on every message from the kernel
 */
export function trainer(model, shown, heard) {
  /** @type {History | null} */
  let history = null;
  // Its curves belong to what was shown when it was asked for; where Python asked, to what is shown when it begins.
  let trained = shown();
  let asked = false;
  const begin = () => {
    trained = shown();
    history = null;
  };
  const press = () => {
    asked = !model.get("training");
    if (asked) begin();
    model.send?.({ do: asked ? "train" : "stop" });
  };
  const status = element("p.explorer-status", { role: "status" });
  const button = element("button", { type: "button", click: press });
  const onTraining = () => {
    const on = model.get("training");
    button.textContent = on ? "Stop" : "Train this now";
    if (on && !asked) begin();
    asked = false;
  };
  const onMessage = (/** @type {{status?: string, history?: History}} */ message) => {
    if (message.status !== undefined) status.textContent = message.status;
    history = message.history ?? history;
    heard();
  };
  model.on("change:training", onTraining);
  model.on("msg:custom", onMessage);
  onTraining();
  return {
    button,
    status,
    isShown: () => trained === shown(),
    /** The curves so far, if they are of what is shown. */
    history: () => (trained === shown() ? history : null),
    /** Stop it, if it is on, and say no more of it. */
    leave() {
      if (model.get("training")) model.send?.({ do: "stop" });
      status.textContent = "";
    },
    release() {
      model.off("change:training", onTraining);
      model.off("msg:custom", onMessage);
    },
  };
}
