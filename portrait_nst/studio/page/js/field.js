// A setting's control, made of what the server says of the setting: type, range, unit, choices, list, optional, default, help.

import { title } from "./choices.js";
import { h, unique } from "./dom.js";

const isNumber = (entry) => entry.type === "number" || entry.type === "integer";
const ENDLESS = 1e6; // a limit above this one tells nobody anything
const EMPTY = { automatic: "Automatic" };

/** Words for a range: "0 to 1", "from 1". */
function rangeOf({ range, unit, type }) {
  if (!range || !isNumber({ type })) return "";
  const low = range[0];
  const high = range[1] > ENDLESS ? null : range[1];
  if (low === null && high === null) return unit;
  const span = low === null ? `up to ${high}` : high === null ? `from ${low}` : `${low} to ${high}`;
  return unit ? `${span} ${unit}` : span;
}

/** The command line's help, as it reads on a page: "--style-scale" is the setting "style scale" here. */
const onPage = (help) => help.replace(/--([a-z][a-z-]*[a-z])/g, (_, name) => `“${title(name.replaceAll("-", " "))}”`);

/** {element, show(value), error(text)} of one entry; onchange(value) with undefined for "back to the default". */
export function makeField(entry, { onchange, styles = () => [] }) {
  const id = unique("field");
  const helped = `${id}-help ${id}-error`;
  const made = pick(entry, { id, helped, onchange, styles });
  const mark = h("span", { class: "changed-mark" }, "changed");
  const reset = h("button", { class: "button small plain", type: "button", ariaLabel: `Reset ${title(entry.name)}`, onclick: () => onchange(undefined) }, "Reset");
  const error = h("p", { class: "bad small", id: `${id}-error`, role: "alert" });
  const range = rangeOf(entry);
  const element = h("div", { class: "field setting" },
    h("div", { class: "setting-head" }, h("label", { htmlFor: id }, title(entry.name)), mark, reset),
    made.element,
    h("p", { class: "help", id: `${id}-help` }, [onPage(entry.help), onPage(entry.more), range && `(${range})`].filter(Boolean).join(" ")), error);
  return {
    element,
    show(value, changed) { made.show(value); mark.hidden = reset.hidden = !changed; element.classList.toggle("changed", changed); },
    error(text) {
      error.textContent = text; error.hidden = !text;
      (made.control ?? made.element).setAttribute("aria-invalid", text ? "true" : "false");
    },
    focus() { (made.control ?? made.element).focus(); },
  };
}

function pick(entry, at) {
  if (entry.type === "boolean") return checkbox(entry, at);
  if (entry.style || entry.colour) return source(entry, at);
  if (!entry.list && entry.choices.length && !isNumber(entry)) return select(entry, at);
  return text(entry, at);
}

function checkbox(entry, { id, helped, onchange }) {
  const control = h("input", { id, type: "checkbox", "aria-describedby": helped, onchange: () => onchange(control.checked) });
  return { control, element: h("div", { class: "check" }, control), show: (value) => { control.checked = Boolean(value); } };
}

function select(entry, { id, helped, onchange }) {
  const control = h("select", { id, "aria-describedby": helped, onchange: () => onchange(control.value === "" ? null : control.value) },
    entry.optional && h("option", { value: "" }, EMPTY.automatic), entry.choices.map((one) => h("option", { value: one }, one)));
  return { control, element: control, show: (value) => { control.value = value ?? ""; } };
}

/** A style, and perhaps words and a colour: one list to pick from. */
function source(entry, { id, helped, onchange, styles }) {
  const colour = h("input", { type: "color", value: "#d9c7a8", ariaLabel: `${title(entry.name)}: the colour`, oninput: () => onchange(colour.value) });
  const control = h("select", { id, "aria-describedby": helped, onchange: () => onchange(control.value === "#" ? colour.value : control.value || null) });
  return {
    control, element: h("div", { class: "row" }, h("div", { class: "grow" }, control), entry.colour && colour),
    show(value) {
      control.replaceChildren(...[entry.optional && h("option", { value: "" }, EMPTY.automatic), ...entry.choices.map((one) => h("option", { value: one }, one)),
        entry.colour && h("option", { value: "#" }, "a colour"),
        entry.style && h("optgroup", { label: "Styles" }, styles().map((one) => h("option", { value: one.id }, one.title)))].filter(Boolean));
      const coloured = /^#/.test(value ?? "");
      control.value = coloured ? "#" : value ?? "";
      colour.hidden = !coloured;
      if (coloured) colour.value = value;
    },
  };
}

const parse = (entry, word) => (isNumber(entry) && word !== "" && !Number.isNaN(Number(word)) ? Number(word) : word);
const shownAs = (value) => (value === null || value === undefined ? "" : Array.isArray(value) ? value.join(", ") : String(value));

/** A number, a word or a list of them; what cannot be read is refused by the server, in words. */
function text(entry, { id, helped, onchange }) {
  const words = entry.choices.length ? unique("words") : null;
  const plain = isNumber(entry) && !entry.list && !words;
  const control = h("input", {
    id, class: "input", type: plain ? "number" : "text", "aria-describedby": helped, autocomplete: "off", spellcheck: false,
    placeholder: entry.list ? "separated by commas" : entry.optional ? EMPTY.automatic : "", onchange: () => {
      const word = control.value.trim();
      if (plain && control.validity.badInput) return;
      if (word === "") onchange(undefined);
      else onchange(entry.list ? word.split(",").map((one) => parse(entry, one.trim())).filter((one) => one !== "") : parse(entry, word));
    },
  });
  if (words) control.setAttribute("list", words);
  if (plain) {
    const [low, high] = entry.range ?? [null, null];
    if (low !== null) control.min = low;
    if (high !== null) control.max = high;
    control.step = entry.type === "integer" ? 1 : "any";
    control.inputMode = entry.type === "integer" ? "numeric" : "decimal";
  }
  const list = words && h("datalist", { id: words }, entry.choices.map((one) => h("option", { value: one })));
  return { control, element: h("div", {}, control, list), show: (value) => { if (document.activeElement !== control) control.value = shownAs(value); } };
}
