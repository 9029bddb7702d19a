// Tones, detail, segments, frame, background and outlines, as knobs and switches; ranges and help are those of the settings.

import { h, unique } from "../dom.js";

export function slider(setting, title, ends, onchange) {
  const id = unique("knob");
  const output = h("output", { htmlFor: id });
  const step = setting.type === "integer" ? 1 : 0.05;
  const input = h("input", { type: "range", id, min: setting.range[0], max: setting.range[1], step });
  const said = () => { output.value = setting.type === "integer" ? input.value : setting.range[1] === 1 ? `${Math.round(input.value * 100)} %` : Number(input.value).toFixed(2); };
  input.addEventListener("input", () => { said(); onchange(Number(input.value)); });
  const element = h("div", { class: "knob" }, h("label", { class: "label", htmlFor: id }, title), output, input, ends && h("span", { class: "ends soft small" }, h("span", {}, ends[0]), h("span", {}, ends[1])));
  return { element, show(value) { input.value = value; said(); }, disable(off) { input.disabled = off; } };
}

/** choices: [value, title]. Returns {element, show(value), disable(value, off)}. */
export function choice(title, choices, onchange) {
  const name = unique("choice");
  const inputs = new Map(choices.map(([value]) => [value, h("input", { type: "radio", name, value, onchange: () => onchange(value) })]));
  const element = h("fieldset", { class: "choice" }, h("legend", { class: "label" }, title), h("div", { class: "switch" },
    ...choices.map(([value, text]) => h("label", {}, inputs.get(value), h("span", {}, text)))));
  return {
    element,
    show(value) { for (const [own, input] of inputs) input.checked = own === value; },
    disable(value, off) { inputs.get(value).disabled = off; },
  };
}

/** A whole number, or none where the box is not ticked. onchange(number | null). */
export function aim(setting, title, onchange) {
  const id = unique("aim");
  const [least, most] = setting.range;
  const box = h("input", { type: "checkbox" });
  const number = h("input", { class: "input numbers", id, type: "number", min: least, max: most, step: 1, value: 80, ariaLabel: `Number of segments, ${least} to ${most}` });
  const tell = () => {
    const value = number.valueAsNumber;
    const fits = value >= least && value <= most && Number.isInteger(value);
    number.ariaInvalid = String(!fits);
    if (!box.checked) onchange(null);
    else if (fits) onchange(value);
  };
  box.addEventListener("change", () => { number.hidden = !box.checked; tell(); });
  number.addEventListener("input", tell);
  const element = h("div", { class: "row" }, h("label", { class: "check" }, box, title), number);
  return { element, show(value) { box.checked = value !== null; number.hidden = value === null; if (value !== null && document.activeElement !== number) number.value = value; } };
}
