// The card of kind, tones and detail, and the card of frame and background.

import { h } from "../dom.js";
import { aim, choice, slider } from "./knobs.js";
import { modes } from "./modes.js";

/** catalogue: of the settings. value(name): what is chosen. set(changes, later): later waits until a knob rests. */
export function look(catalogue, value, set) {
  const of = (name) => catalogue.popart.find((setting) => setting.name === name);
  const mode = modes(catalogue, (word) => set({ mode: word, ...(word === "grid" && value("background") === "keep" ? { background: "colour" } : {}) }));
  const [least, most] = of("grid").range;
  const sizes = Array.from({ length: most - least + 1 }, (_, index) => [least + index, String(least + index)]);
  const columns = choice("Columns", sizes, (count) => set({ grid: [count, value("grid")[1]] }));
  const rows = choice("Rows", sizes, (count) => set({ grid: [value("grid")[0], count] }));
  const grid = h("div", { class: "grid-size" }, columns.element, rows.element);
  const tones = slider(of("tones"), "Tones", null, (count) => set({ tones: count }, true));
  const detail = slider(of("detail"), "Detail", ["Few large segments", "Many small ones"], (share) => set({ detail: share }, true));
  const segments = aim(of("segments"), "Aim for a number of segments", (count) => set({ segments: count }, true));
  const element = h("section", { class: "card", ariaLabel: "Kind and detail" }, mode.element, grid, tones.element, detail.element, segments.element);
  return {
    element,
    show() {
      mode.show(value("mode"));
      grid.hidden = value("mode") !== "grid";
      columns.show(value("grid")[0]);
      rows.show(value("grid")[1]);
      tones.show(value("tones"));
      detail.show(value("detail"));
      detail.disable(value("segments") !== null);
      segments.show(value("segments"));
    },
  };
}

export function surroundings(catalogue, value, set) {
  const frame = choice("Frame", [["auto", "Automatic"], ["photo", "Whole photo"], ["bust", "Bust"]], (word) => set({ frame: word, ...(word === "bust" && value("background") === "keep" ? { background: "colour" } : {}) }));
  const colour = h("input", { type: "color", value: "#f4f0ea", ariaLabel: "Colour of the background" });
  const own = () => set({ background: colour.value });
  colour.addEventListener("input", own);
  const place = h("div", { class: "row", hidden: true }, colour, h("span", { class: "small soft" }, "Instead of the palette's own."));
  const pick = (word) => {
    if (word === "own") own();
    else set({ background: word, ...(word === "keep" && value("frame") === "bust" ? { frame: "auto" } : {}) });
  };
  const background = choice("Background", [["colour", "Palette's"], ["keep", "Photo's"], ["transparent", "None"], ["own", "A colour"]], pick);
  const outlines = choice("Outlines", [[null, "As usual"], [true, "With"], [false, "Without"]], (on) => set({ outlines: on }));
  const why = h("p", { class: "small soft" }, "A grid has no room for the photo's background.");
  const element = h("section", { class: "card", ariaLabel: "Frame and background" }, frame.element, background.element, place, why, outlines.element);
  return {
    element,
    show() {
      frame.show(value("frame"));
      const ground = value("background");
      const isColour = ground.startsWith("#");
      background.show(isColour ? "own" : ground);
      background.disable("keep", value("mode") === "grid");
      why.hidden = value("mode") !== "grid";
      place.hidden = !isColour;
      if (isColour) colour.value = ground.toLowerCase();
      outlines.show(value("outlines"));
    },
  };
}
