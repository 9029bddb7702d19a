// From when to when: two knobs over the length of a clip, which do not pass each other, with the seconds as fields.

import { h, unique } from "../dom.js";

const LEAST = 0.1;
const round = (seconds) => Math.round(seconds * 10) / 10;

/** onchange(start, end), in seconds. Returns {element, show(length, {start, end})}. */
export function span(onchange) {
  let length = 0;
  const side = (title) => {
    const id = unique("span");
    const range = h("input", { type: "range", min: 0, max: 1, step: 0.1, ariaLabel: `${title}, knob` });
    const field = h("input", { class: "input numbers", id, type: "number", min: 0, step: 0.1 });
    return { range, field, element: h("div", { class: "span-side" }, h("label", { class: "label", htmlFor: id }, title), h("span", { class: "row" }, field, h("span", { class: "small soft" }, "s")), range) };
  };
  const [start, end] = [side("Start"), side("End")];
  const words = h("p", { class: "small soft numbers" });
  const element = h("div", { class: "span" }, start.element, end.element, words);

  function moved(value, which) {
    if (!Number.isFinite(value)) return;
    let [from, to] = [Number(start.range.value), Number(end.range.value)];
    if (which === start) from = Math.max(0, Math.min(value, to - LEAST));
    else to = Math.min(length, Math.max(value, from + LEAST));
    put(from, to);
    onchange(round(from), to >= round(length) ? null : round(to));
  }
  function put(from, to) {
    for (const [one, value] of [[start, from], [end, to]]) {
      one.range.value = value;
      if (document.activeElement !== one.field) one.field.value = round(value);
    }
    words.textContent = `${round(to - from)} s of ${round(length)} s`;
  }
  for (const one of [start, end]) {
    one.range.addEventListener("input", () => moved(Number(one.range.value), one));
    one.field.addEventListener("input", () => moved(one.field.valueAsNumber, one));
    one.field.addEventListener("blur", () => { one.field.value = round(Number(one.range.value)); });
  }
  return { element, show(seconds, video) {
    length = seconds;
    for (const one of [start, end]) one.range.max = one.field.max = round(seconds);
    put(video.start ?? 0, video.end ?? round(seconds));
  } };
}
