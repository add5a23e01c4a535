// Native inputs with labels.

import { element, unique } from "./dom.js";
import { written } from "./numbers.js";

/** @typedef {{label: string, values: (number | string)[], change: (index: number) => void}} Options */

/**
 * A labelled slider over a list of values, with what it is set to beside it.
 * @param {Options} options
 */
export function slider({ label, values, change }) {
  const id = unique();
  const input = element("input", { type: "range", id, min: 0, max: values.length - 1, step: 1 });
  const output = element("output", { for: id });
  const show = () => {
    output.textContent = written(values[input.valueAsNumber]);
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", () => {
    show();
    change(input.valueAsNumber);
  });
  return {
    box: element("div.explorer-slider", {}, element("label", { for: id }, label), input, output),
    /** @param {number} index */
    set(index) {
      if (input.valueAsNumber !== index || !output.textContent) {
        input.value = String(index);
        show();
      }
    },
  };
}

/**
 * A group of radio buttons.
 * @param {Options} options
 */
export function choice({ label, values, change }) {
  const name = unique();
  const inputs = values.map((_, index) =>
    element("input", { type: "radio", name, value: index, change: () => change(index) }),
  );
  const labels = values.map((value, index) => element("label", {}, inputs[index], element("span", {}, written(value))));
  return {
    box: element("fieldset.explorer-choice", {}, element("legend", {}, label), ...labels),
    /** @param {number} index -1 for none */
    set(index) {
      inputs.forEach((input, number) => (input.checked = number === index));
    },
  };
}
