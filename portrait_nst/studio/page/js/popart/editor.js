// Every colour of a palette to be changed: by the system's colour field, or by its hexadecimal digits.

import { announce, h, icon, unique } from "../dom.js";
import { between, colourOf, lightness } from "./palettes.js";

const same = (one, other) => one.ground === other.ground && one.colours.length === other.colours.length && one.colours.every((colour, index) => colour === other.colours[index]);
const lower = ({ colours, ground }) => ({ colours: colours.map((colour) => colour.toLowerCase()), ground: (ground ?? "").toLowerCase() });

/** A colour with its two fields; onpick(hex) with each change. */
function colourRow(label, colour, onpick, onremove) {
  const id = unique("hex");
  const well = h("input", { type: "color", value: colour, ariaLabel: label });
  const hex = h("input", { class: "input numbers", id, type: "text", value: colour, maxLength: 7, spellcheck: false, autocomplete: "off", ariaLabel: `${label}, as hexadecimal digits` });
  well.addEventListener("input", () => { hex.value = well.value; hex.ariaInvalid = "false"; onpick(well.value); });
  hex.addEventListener("input", () => {
    const found = colourOf(hex.value);
    hex.ariaInvalid = String(!found);
    if (found) { well.value = found; onpick(found); }
  });
  hex.addEventListener("blur", () => { hex.value = well.value; hex.ariaInvalid = "false"; });
  const remove = onremove && h("button", { class: "button plain icon", type: "button", ariaLabel: `Remove ${label.toLowerCase()}`, onclick: onremove }, icon("close"));
  const element = h("li", { class: "colour-row" }, well, hex, remove);
  return { element, remove, show(value) { if (value === well.value) return; well.value = value; if (document.activeElement !== hex) hex.value = value; } };
}

/** least, most: how many colours. onchange({colours, ground}), onreset(). Returns {element, show(palette)}. */
export function editor({ least, most, onchange, onreset }) {
  let value = { colours: [], ground: "" };
  let rows = [];
  const list = h("ol", { class: "colour-list", ariaLabel: "Colours, dark to light" });
  const groundPlace = h("ul", { class: "colour-list" });
  const add = h("button", { class: "button small", type: "button", onclick: adding }, icon("add"), "Add a colour");
  const reset = h("button", { class: "button small plain", type: "button", onclick: onreset }, icon("undo"), "Reset colours");
  const element = h("div", { class: "editor" }, list, h("p", { class: "label" }, "Background colour"), groundPlace, h("div", { class: "row" }, add, reset));
  const tell = () => onchange({ ...value, colours: [...value.colours] });

  function adding() {
    const gaps = value.colours.slice(1).map((colour, index) => lightness(colour) - lightness(value.colours[index]));
    const at = gaps.indexOf(Math.max(...gaps)) + 1;
    const colours = [...value.colours];
    colours.splice(at, 0, between(colours[at - 1], colours[at]));
    build({ ...value, colours });
    rows[at].element.querySelector("input").focus();
    announce(`${colours.length} colours`);
    tell();
  }

  function removing(index) {
    build({ ...value, colours: value.colours.filter((_, other) => other !== index) });
    (rows[Math.min(index, rows.length - 1)].element.querySelector("input")).focus();
    announce(`${value.colours.length} colours`);
    tell();
  }

  function build(next) {
    value = next;
    const label = (index) => `Colour ${index + 1}${index === 0 ? ", darkest" : index === value.colours.length - 1 ? ", lightest" : ""}`;
    rows = value.colours.map((colour, index) => colourRow(label(index), colour, (picked) => { value.colours[index] = picked; tell(); }, () => removing(index)));
    list.replaceChildren(...rows.map((row) => row.element));
    const ground = colourRow("Background colour", value.ground || "#ffffff", (picked) => { value.ground = picked; tell(); });
    groundPlace.replaceChildren(ground.element);
    rows.ground = ground;
    limits();
  }

  function limits() {
    add.disabled = value.colours.length >= most;
    for (const row of rows) row.remove.disabled = value.colours.length <= least;
  }

  return {
    element,
    show(palette) {
      const next = lower(palette);
      if (same(next, value)) return;
      if (next.colours.length !== value.colours.length) { build(next); return; }
      value = next;
      rows.forEach((row, index) => row.show(next.colours[index]));
      rows.ground.show(next.ground || "#ffffff");
    },
  };
}
