// Two pictures, one over the other: a line to drag, and a zoom to the pixel in which both stay aligned.

import { h, icon, unique } from "./dom.js";
import { makeView } from "./compareview.js";
import "./trusted.js"; // before what needs it
import "../vendor/img-comparison-slider/index.js";

const STEP = 4; // percent that an arrow key moves the line
// The component is as large as its second picture; ours are placed by the zoom, and it fills its frame. A constructed sheet passes the page's policy.
const filling = new CSSStyleSheet();
filling.replaceSync(".second { position: absolute; inset: 0 } .first { inset: 0 } .handle { inset-block-start: 50% }");
const SCALES = [["Fit", "fit"], ["100 %", 1], ["200 %", 2]];

/**
 * An element that compares two pictures of the same proportions.
 * labels: [before, after], as they stand in the corners and are read out. The size of `after` counts as 100 %.
 */
export function compare(beforeUrl, afterUrl, { labels = ["Photo", "Painting"] } = {}) {
  const group = unique("zoom");
  const told = unique("how");
  const pictures = [beforeUrl, afterUrl].map((url, index) => h("img", { src: url, alt: "", draggable: false, decoding: "async", class: "compare-picture", title: "", ariaLabel: labels[index] }));
  const [before, after] = pictures;
  // The component calls "first" what stands left of the line.
  const slider = h("img-comparison-slider", { class: "compare-slider", role: "slider", "aria-label": `${labels[0]} left, ${labels[1]} right of the line`, "aria-valuemin": "0", "aria-valuemax": "100", "aria-orientation": "horizontal", "aria-describedby": told, keyboard: "disabled", value: "50" },
    h("div", { slot: "first", class: "compare-side" }, before, h("span", { class: "compare-label left", ariaHidden: "true" }, labels[0])),
    h("div", { slot: "second", class: "compare-side" }, after, h("span", { class: "compare-label right", ariaHidden: "true" }, labels[1])),
    h("div", { slot: "handle", class: "compare-handle", ariaHidden: "true" }, icon("sides")));
  slider.shadowRoot.adoptedStyleSheets = [...slider.shadowRoot.adoptedStyleSheets, filling];
  const frame = h("div", { class: "compare-frame" }, slider);
  const zoom = h("fieldset", { class: "switch compare-zoom" }, h("legend", { class: "unseen" }, "Zoom"),
    SCALES.map(([words, scale]) => h("label", {}, h("input", { type: "radio", name: group, value: scale, checked: scale === "fit", onchange: () => view.zoom(scale) }), h("span", {}, words))));
  const how = h("p", { class: "unseen", id: told }, "Arrow keys left and right move the line. When zoomed, hold Shift with the arrow keys to move the picture. Keys 1, 2 and 0: 100 %, 200 % and fit.");
  const element = h("div", { class: "compare", role: "group", ariaLabel: `Compare: ${labels.join(" and ")}` }, frame, h("div", { class: "row compare-tools" }, zoom, h("span", { class: "soft small compare-hint", ariaHidden: "true" })), how);
  const hint = element.querySelector(".compare-hint");
  const view = makeView({ frame, slider, pictures, onzoom(scale) {
    for (const input of zoom.querySelectorAll("input")) input.checked = input.value === String(scale);
    hint.textContent = scale === "fit" ? "" : "Drag to move, the round handle for the line";
  } });
  const say = () => {
    // The component's value is the line's place from the left, in percent.
    const value = Math.round(Number(slider.value ?? 50));
    slider.setAttribute("aria-valuenow", value);
    slider.setAttribute("aria-valuetext", `${value} % ${labels[0]}`);
  };
  slider.addEventListener("slide", say);
  // The component's own keys move the line while a key is held, by time: a screen reader's short press would move nothing.
  slider.addEventListener("keydown", (event) => {
    const now = Number(slider.value);
    const wanted = { ArrowLeft: now - STEP, ArrowRight: now + STEP, PageDown: now - 5 * STEP, PageUp: now + 5 * STEP, Home: 0, End: 100 }[event.key];
    if (wanted === undefined || event.shiftKey) return;
    event.preventDefault();
    slider.value = Math.min(100, Math.max(0, wanted));
    say();
  });
  say();
  return element;
}

