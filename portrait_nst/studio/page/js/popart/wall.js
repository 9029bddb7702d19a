// The palettes as a wall of swatches.

import { h, unique } from "../dom.js";
import { titled } from "./palettes.js";

/** Stripes of a palette, its ground around them; for the eye only. */
export function stripes({ colours, ground }) {
  const bars = colours.map((colour) => h("i", { style: `background:${colour}` }));
  return h("span", { class: "stripes", style: ground ? `background:${ground}` : "", ariaHidden: "true" }, ...bars);
}

/** onchoose(spec): a name, or "" for the palette that the mode has by itself. Returns {element, show(spec, own)}. */
export function wall(catalogue, onchoose) {
  const name = unique("palette");
  const inputs = new Map();
  const swatch = (value, title, picture) => {
    const input = h("input", { type: "radio", name, value, onchange: () => onchoose(value) });
    inputs.set(value, input);
    return h("label", { class: "swatch" }, input, h("span", { class: "swatch-card" }, picture, h("span", { class: "small" }, title)));
  };
  const automatic = h("span", { class: "stripes", ariaHidden: "true" });
  const own = swatch("own", "Your colours", h("span", { class: "stripes", ariaHidden: "true" }));
  const picture = swatch("picture", "From a picture", h("span", { class: "stripes", ariaHidden: "true" }));
  const element = h("fieldset", {}, h("legend", { class: "label" }, "Palette"), h("div", { class: "swatches" }, swatch("", "Automatic", automatic),
    ...catalogue.palettes.map((palette) => swatch(palette.name, titled(palette.name), stripes(palette))), own, picture));
  const fill = (label, palette) => label.querySelector(".stripes").replaceWith(stripes(palette));
  return {
    element,
    /** spec: "", a name, "own" or "picture"; palette: the colours of the last two. */
    show(spec, palette) {
      own.hidden = spec !== "own";
      picture.hidden = spec !== "picture";
      if (palette && spec === "") fill(inputs.get("").closest("label"), palette);
      if (palette && spec === "own") fill(own, palette);
      if (palette && spec === "picture") fill(picture, palette);
      for (const [value, input] of inputs) input.checked = value === spec;
    },
    automatic: (possible) => { inputs.get("").closest("label").hidden = !possible; },
  };
}
