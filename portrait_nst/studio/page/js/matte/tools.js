// The brushes and buttons of the mask's editor, as elements.

import { h, icon, unique } from "../dom.js";
import { LOOKS } from "./view.js";

const TOOLS = { add: "Add", remove: "Remove", soften: "Soften" };
const HELP = { add: "What you brush over is painted.", remove: "What you brush over stays as it is in the photo.", soften: "The edge becomes soft where you brush." };

const KEYS = [
  ["A", "add"], ["R", "remove"], ["S", "soften"], ["[ and ]", "smaller and larger brush"], ["{ and }", "softer and harder brush"],
  ["Ctrl Z", "undo"], ["Ctrl Shift Z", "redo"], ["+ and −", "zoom in and out"], ["0", "whole picture"], ["1", "pixel by pixel"], ["V", "next view"],
  ["Arrow keys", "move the brush, when the picture has the focus; with Shift by a pixel"], ["Space", "paint where the brush is; held, with the arrow keys, a line"],
  ["Enter", "brush down, and up again, to paint without holding a key"], ["Space and mouse", "move the picture"],
];

/** A row of radio buttons; choose(value). `set(value)` checks one of them. */
function choice(legend, options, value, choose) {
  const name = unique("choice");
  const inputs = Object.entries(options).map(([key, label]) => [key, h("input", { type: "radio", name, value: key, checked: key === value, onchange: () => choose(key) }), label]);
  const field = h("fieldset", { class: "choice" }, h("legend", { class: "unseen" }, legend),
    h("div", { class: "switch" }, ...inputs.map(([, input, label]) => h("label", {}, input, h("span", {}, label)))));
  return { field, set: (key) => { for (const [one, input] of inputs) input.checked = one === key; } };
}

function knob(label, least, most, value, words, change) {
  const id = unique("knob");
  const output = h("output", { for: id }, words(value));
  const input = h("input", { id, type: "range", min: least, max: most, step: 1, value: String(value), oninput: () => { output.textContent = words(input.valueAsNumber); change(input.valueAsNumber); } });
  return { box: h("div", { class: "knob" }, h("label", { class: "label", for: id }, label), output, input), set: (next) => { input.value = String(next); output.textContent = words(next); } };
}

const button = (label, sign, run) => h("button", { class: "button icon", type: "button", ariaLabel: label, title: label, onclick: run }, typeof sign === "string" && sign.length > 2 ? icon(sign) : sign);

/** The size of a brush from the place of its knob, 0 to 100, and back: fine where it is small. most: in pixels. */
const sizeOf = (place, most) => 2 * (most / 2) ** (place / 100);
const placeOf = (size, most) => Math.round(100 * Math.log(size / 2) / Math.log(most / 2));

/**
 * The tools. brush: {tool, size, hardness} to begin with; most: the largest size; full: pixels of the photo for each. act: {tool(name), size(pixels), hardness(0..1), look(name), undo(), redo(),
 * reset(), fit(), whole(), zoom(factor), upload(file)}.
 */
export function tools(brush, most, full, act) {
  const help = h("p", { class: "small soft wide" }, HELP[brush.tool]);
  const tool = choice("Brush", TOOLS, brush.tool, (name) => act.tool(name));
  const look = choice("View", LOOKS, "veil", (name) => act.look(name));
  const size = knob("Size", 0, 100, placeOf(brush.size, most), (place) => `${Math.round(sizeOf(place, most) * full)} px`, (place) => act.size(sizeOf(place, most)));
  const hardness = knob("Hardness", 0, 100, brush.hardness * 100, (value) => `${value} %`, (value) => act.hardness(value / 100));
  const undo = button("Undo", "undo", act.undo);
  const redo = h("button", { class: "button icon", type: "button", ariaLabel: "Redo", title: "Redo", onclick: act.redo }, h("span", { class: "mirrored" }, icon("undo")));
  const reset = h("button", { class: "button", type: "button", onclick: act.reset }, "Reset");
  const file = h("input", { type: "file", accept: "image/*,.tif,.tiff", class: "unseen", tabIndex: -1, ariaLabel: "Mask file", onchange: () => { if (file.files[0]) act.upload(file.files[0]); file.value = ""; } });
  const percent = h("button", { class: "button numbers percent", type: "button", title: "Show it pixel by pixel", onclick: act.whole }, "100 %");
  const more = h("details", { class: "more", open: matchMedia("(min-width: 861px)").matches },
    h("summary", {}, "View and more"),
    h("div", { class: "more-in" },
      look.field,
      h("div", { class: "row" }, button("Zoom out", "remove", () => act.zoom(1 / 1.5)), percent, button("Zoom in", "add", () => act.zoom(1.5)), h("button", { class: "button", type: "button", onclick: act.fit }, "Fit")),
      h("div", { class: "row" }, file, h("button", { class: "button", type: "button", onclick: () => file.click() }, icon("open"), "Upload a mask"), reset),
      h("p", { class: "small soft" }, "An uploaded mask is white where the picture is painted."),
      h("details", { class: "keys" }, h("summary", {}, "Keys"), h("dl", { class: "small" }, ...KEYS.flatMap(([key, does]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, does)])))));
  const box = h("div", { class: "matte-tools" },
    h("div", { class: "matte-brush" }, tool.field, h("div", { class: "row nowrap" }, undo, redo)), help, size.box, hardness.box, more);

  return {
    box,
    /** Show what is so now. */
    show({ tool: name, size: pixels, hardness: hard, look: seen, undone, done, changed, zoom }) {
      tool.set(name);
      look.set(seen);
      help.textContent = HELP[name];
      size.set(placeOf(pixels, most));
      hardness.set(Math.round(hard * 100));
      // Not `disabled`: a button that is pressed with the keyboard must not lose the focus.
      undo.setAttribute("aria-disabled", String(!done));
      redo.setAttribute("aria-disabled", String(!undone));
      reset.setAttribute("aria-disabled", String(!changed));
      percent.textContent = `${Math.round(zoom * 100)} %`;
      percent.ariaLabel = `Zoom ${Math.round(zoom * 100)} %: show it pixel by pixel`;
    },
  };
}
