// Elements, and what is said to those who do not see the page.

/** An element: h("button", {class: "button", onclick: f, ariaPressed: "true"}, "Paint", child). Text is never read as HTML. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && !["list", "form", "type", "width", "height"].includes(name)) element[name] = value;
    else element.setAttribute(name === "class" ? "class" : name, value === true ? "" : value);
  }
  if (properties.class) element.className = properties.class;
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const paths = {
  close: "M5 5l14 14M19 5L5 19", camera: "M4 8h4l2-3h4l2 3h4v11H4zM12 17a4 4 0 100-8 4 4 0 000 8", open: "M12 16V4M6 10l6-6 6 6M4 20h16",
  undo: "M9 5L4 10l5 5M4 10h10a6 6 0 010 12h-3", star: "M12 3l2.8 5.8 6.2.9-4.5 4.4 1.1 6.3L12 17.4l-5.6 3 1.1-6.3L3 9.7l6.2-.9z",
  save: "M12 4v12M6 10l6 6 6-6M4 20h16", stop: "M6 6h12v12H6z", brush: "M14 4l6 6-9 9H5v-6z", trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  search: "M11 18a7 7 0 100-14 7 7 0 000 14M16 16l5 5", add: "M12 5v14M5 12h14", remove: "M5 12h14", zoom: "M11 18a7 7 0 100-14 7 7 0 000 14M16 16l5 5M8 11h6M11 8v6",
  again: "M20 11a8 8 0 10-2 6M20 5v6h-6", check: "M5 12l5 5 9-11", full: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5", swap: "M7 4L3 8l4 4M3 8h13M17 12l4 4-4 4M21 16H8", sides: "M9 7l-5 5 5 5M15 7l5 5-5 5", person: "M12 12a4 4 0 100-8 4 4 0 000 8M4 21a8 8 0 0116 0",
};

/** A drawn sign, for the eye only; its button has a label. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": "2", "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true" })) svg.setAttribute(key, value);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", paths[name]);
  svg.append(path);
  return svg;
}

/** Say it to a screen reader. */
export function announce(text) {
  const place = document.getElementById("announcer");
  place.textContent = "";
  requestAnimationFrame(() => { place.textContent = text; });
}

const LASTS = 12000; // ms; who points at it or has the focus in it keeps it

/** Take away what was said of another view. */
export function clearToasts() { for (const box of document.querySelectorAll(".toast:not(.undo)")) box.remove(); }

/** Say it to everybody, for a while. What belongs to a place is said there instead. */
export function toast(text, { bad = false, action = null } = {}) {
  const close = () => box.remove();
  const box = h("div", { class: bad ? "toast bad" : action?.label === "Undo" ? "toast undo" : "toast" }, h("span", {}, text),
    action && h("button", { class: "button small", type: "button", onclick: () => { action.run(); close(); } }, action.label),
    h("button", { class: "button small icon", type: "button", ariaLabel: "Close this message", onclick: close }, icon("close")));
  document.getElementById("toasts").append(box);
  const rest = () => setTimeout(() => { if (box.matches(":hover, :focus-within")) rest(); else close(); }, LASTS);
  rest();
}

let counter = 0;
/** An id that no other element has, for labels. */
export const unique = (word) => `${word}-${++counter}`;

/** Seconds in words: "8 s", "2 min 10 s", "1 h 5 min". */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return whole % 60 ? `${Math.floor(whole / 60)} min ${whole % 60} s` : `${whole / 60} min`;
  return `${Math.floor(whole / 3600)} h ${Math.round((whole % 3600) / 60)} min`;
}
