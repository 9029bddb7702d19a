// Who is in the photo: found, outlined and numbered over it, and chosen by a click or in a group of radio buttons.

import { call } from "./api.js";
import { announce, h, icon, unique } from "./dom.js";
import { studio } from "./store.js";

/** Ask who is in `photo`, and put the answer into the store, unless another photo has come meanwhile. */
export async function findPeople(photo, signal) {
  let people;
  try { people = await call(`/api/photos/${photo.id}/people`, { signal }); } catch (error) {
    if (error.name === "AbortError") return;
    people = { people: [], notes: [error.message] };
  }
  if (studio.get("photo")?.id !== photo.id) return;
  studio.set({ people });
  const count = people.people.length;
  announce(count === 0 ? "Nobody was found in the photo." : count === 1 ? "One person was found." : `${count} people were found.`);
}

const SVG = "http://www.w3.org/2000/svg";
function drawn(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
const lines = (outline) => outline.map((ring) => `M${ring.map(([x, y]) => `${x.toFixed(4)} ${y.toFixed(4)}`).join("L")}Z`).join("");

/**
 * The outlines over the photo: an element as large as the picture.
 * shapes: [{key, outline, box}]; chosen: keys that are painted; onpick(key) after a click on one.
 */
export function outlines(shapes, chosen, onpick) {
  const id = unique("unpainted");
  const holes = shapes.filter((shape) => chosen.has(shape.key));
  const dim = holes.length > 0 && [
    drawn("mask", { id, maskUnits: "userSpaceOnUse", x: 0, y: 0, width: 1, height: 1 },
      drawn("rect", { width: 1, height: 1, fill: "#fff" }), ...holes.map((shape) => drawn("path", { d: lines(shape.outline), fill: "#000", "fill-rule": "evenodd" }))),
    drawn("rect", { class: "dim", width: 1, height: 1, mask: `url(#${id})` }),
  ];
  const paths = shapes.map((shape) => {
    const d = lines(shape.outline);
    const group = drawn("g", { class: chosen.has(shape.key) ? "person chosen" : "person", "data-key": shape.key },
      drawn("path", { class: "under", d }), drawn("path", { class: "over", d }));
    if (onpick) group.addEventListener("click", () => onpick(shape.key));
    return group;
  });
  const svg = drawn("svg", { class: "people", viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" }, ...(dim || []), ...paths);
  const badges = shapes.length < 2 ? [] : shapes.map((shape) => {
    const [x, y] = top(shape.outline);
    const badge = h("span", { class: chosen.has(shape.key) ? "badge chosen" : "badge" }, String(shape.key));
    badge.style.left = `${x * 100}%`;
    badge.style.top = `${y * 100}%`;
    return badge;
  });
  const place = h("div", { class: "over-picture", ariaHidden: "true" }, svg, ...badges);
  /** Make one of them stand out, or none with null. */
  place.light = (key) => {
    place.classList.toggle("awake", key !== null);
    paths.forEach((path, index) => path.classList.toggle("lit", shapes[index].key === key));
  };
  return place;
}

/** The highest point of an outline, a little inside the picture. */
function top(outline) {
  const points = outline.flat();
  const [x, y] = points.reduce((best, point) => (point[1] < best[1] ? point : best), [0.5, 1]);
  return [Math.min(0.97, Math.max(0.03, x)), Math.min(0.97, Math.max(0.03, y))];
}

/** A face as it is in the photo, in a small square; `box`: left, top, width and height in shares of the photo. */
function faceOf({ id, width, height }, [left, top, across, down]) {
  const side = 1.5 * Math.max(across * width, down * height);
  const [sx, sy] = [Math.min(1, side / width), Math.min(1, side / height)];
  const at = (from, length, share) => (share >= 1 ? 0 : Math.min(1, Math.max(0, (from + length / 2 - share / 2) / (1 - share))));
  const face = h("i", { class: "face" });
  face.style.backgroundImage = `url("/api/photos/${id}/view?longest=1600")`;
  face.style.backgroundSize = `${100 / sx}% ${100 / sy}%`;
  face.style.backgroundPosition = `${100 * at(left, across, sx)}% ${100 * at(top, down, sy)}%`;
  return face;
}

/** The group "Whom to paint"; onlight(key or null) follows focus and pointer. It draws itself anew with `draw()`. */
export function whom({ onlight, mask }) {
  const name = unique("whom");
  const field = h("fieldset", { class: "whom" });

  function option(value, label, spoken, checked, choose, face = null) {
    const input = h("input", { type: "radio", name, value: String(value), checked, ariaLabel: spoken ?? label, onchange: choose });
    const on = () => onlight(typeof value === "number" ? value : null);
    const off = () => onlight(null);
    input.addEventListener("focus", on);
    input.addEventListener("blur", off);
    return h("label", { onpointerenter: on, onpointerleave: off }, input, h("span", { ariaHidden: "true" }, label, face));
  }

  function draw() {
    const legend = h("legend", { class: "label" }, "Whom to paint");
    if (!studio.get("people")) { field.replaceChildren(legend, h("p", { class: "small soft looking" }, "Looking for people …")); return; }
    const found = studio.get("people").people;
    const [drawnMask, person] = [studio.get("mask"), studio.get("person")];
    const focused = field.contains(document.activeElement) ? document.activeElement.value : null;
    const pick = (value) => () => studio.set({ person: value, mask: null });
    const is = (value) => !drawnMask && person === value;
    const options = [];
    if (found.length === 1) options.push(option("all", "The person", undefined, is("all") || is(1), pick("all")));
    if (found.length > 1) {
      options.push(option("all", "Everybody", undefined, is("all"), pick("all")));
      for (const one of found) options.push(option(one.number, String(one.number), `Person ${one.number} from the left`, is(one.number), pick(one.number), faceOf(studio.get("photo"), one.box)));
    }
    options.push(option("picture", "Whole picture", undefined, is("picture"), pick("picture")));
    const last = mask();
    if (last) options.push(option("mask", "Your mask", undefined, drawnMask === last, () => studio.set({ mask: last })));
    field.replaceChildren(legend, h("div", { class: "switch" }, ...options));
    if (focused) field.querySelector(`input[value="${focused}"]`)?.focus();
  }
  return { field, draw };
}

/** What to do where nobody was found. */
export function nobody({ notes, onmask }) {
  return h("div", { class: "card nobody" },
    h("p", {}, h("strong", {}, "Nobody was found")),
    ...(notes ?? []).map((note) => h("p", { class: "small soft" }, note)),
    h("div", { class: "row" },
      h("button", { class: "button small", type: "button", onclick: onmask }, icon("brush"), "Draw the mask by hand"),
      h("button", { class: "button small", type: "button", onclick: () => studio.set({ person: "picture", mask: null }) }, "Paint the whole picture")));
}
