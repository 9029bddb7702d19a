// The modes, each with a small drawing of what it does.

import { h, unique } from "../dom.js";

const NAMES = {
  ramp: ["Ramp", "Dark to light: one colour each"],
  facets: ["Facets", "Like cut paper, in many colours"],
  dots: ["Dots", "Printed dots and ink"],
  grid: ["Grid", "Repeated in several palettes"],
};

function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const path = (d, fill) => svg("path", { d, fill });
const SHOULDERS = "M8 64C8 50 18 45 32 45s24 5 24 19z";
const HEAD = "M32 9c10 0 15 7 15 17S41 46 32 46 17 36 17 26 22 9 32 9z";
const SHADE = "M32 9c10 0 15 7 15 17S41 46 32 46c5-6 4-12 1-19s-3-12-1-18z";
const HAIR = "M17 27C15 13 22 6 32 6s17 7 15 21c-3-3-3-9-6-12-7 4-15 4-19 3-3 2-4 6-5 9z";

function bust([dark, middle, warm, light, ground]) {
  return [path("M0 0h64v64H0z", ground), path(SHOULDERS, middle), path(HEAD, light), path(SHADE, warm), path(HAIR, dark)];
}

const drawings = {
  ramp: (palettes) => bust(palettes[0]),
  facets: ([[dark, middle, warm, light, ground], [second, third, fourth]]) => [
    path("M0 0h64v64H0z", ground), path(SHOULDERS, middle), path("M32 45l24 19H32z", third), path(HEAD, light),
    path("M32 9l15 17-9 4z", warm), path("M47 26L32 46l6-16z", fourth), path("M17 26l15 20-2-18z", second), path(HAIR, dark), path("M32 6l15 21-6-12z", third),
  ],
  dots: ([[dark, middle, , light, ground]]) => [
    path("M0 0h64v64H0z", ground), path(SHOULDERS, middle), path(HEAD, light),
    ...[[36, 14], [41, 19], [36, 24], [42, 28], [37, 33], [42, 37], [36, 41], [32, 29], [32, 37]].map(([cx, cy]) => svg("circle", { cx, cy, r: 2, fill: middle })), path(HAIR, dark),
  ],
  grid: (palettes) => [0, 1, 2, 3].map((index) => svg("g", { transform: `translate(${(index % 2) * 32} ${index > 1 ? 32 : 0}) scale(0.5)` }, ...bust(palettes[index]))),
};

/** A row of pictured choices. catalogue: of the settings; onchoose(mode). Returns {element, show(mode)}. */
export function modes(catalogue, onchoose) {
  const name = unique("mode");
  const choices = catalogue.popart.find((setting) => setting.name === "mode").choices;
  const palettes = catalogue.palettes.slice(0, 4).map(({ colours, ground }) => [...colours.filter((_, index) => index !== 2 || colours.length < 5), ground]);
  const inputs = new Map();
  const label = (mode) => {
    const input = h("input", { type: "radio", name, value: mode, onchange: () => onchoose(mode) });
    inputs.set(mode, input);
    const [title, about] = NAMES[mode] ?? [mode, ""];
    const picture = svg("svg", { viewBox: "0 0 64 64", "aria-hidden": "true" }, ...(drawings[mode] ?? drawings.ramp)(palettes));
    return h("label", { class: "mode" }, input, h("span", { class: "mode-card" }, picture, h("b", {}, title), h("span", { class: "soft small" }, about)));
  };
  const element = h("fieldset", { class: "modes" }, h("legend", { class: "label" }, "Kind"), h("div", { class: "mode-row" }, ...choices.map(label)));
  return { element, show: (mode) => { if (inputs.has(mode)) inputs.get(mode).checked = true; } };
}
