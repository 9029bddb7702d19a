// Settings of pop art that have no knob of their own, derived from how they describe themselves.

import { h, unique } from "../dom.js";

const KNOWN = new Set(["tones", "detail", "segments", "mode", "palette", "grid", "background", "frame", "outlines"]);

function control(setting, id, value, onchange) {
  if (setting.type === "boolean") {
    const options = [...(setting.optional ? [["", "As usual"]] : []), ["true", "Yes"], ["false", "No"]];
    const field = h("select", { id, onchange: () => onchange(field.value === "" ? null : field.value === "true") }, ...options.map(([word, text]) => h("option", { value: word }, text)));
    field.value = value === null ? "" : String(value);
    return field;
  }
  if (setting.choices.length) {
    const field = h("select", { id, onchange: () => onchange(field.value) }, ...setting.choices.map((word) => h("option", {}, word)));
    field.value = value;
    return field;
  }
  const number = setting.type === "integer" || setting.type === "number";
  const [least, most] = setting.range ?? [null, null];
  const field = h("input", { class: "input", id, type: number ? "number" : "text", min: least, max: most, step: setting.type === "integer" ? 1 : "any", value: value ?? "" });
  field.addEventListener("change", () => onchange(field.value === "" ? null : number ? field.valueAsNumber : field.value));
  return field;
}

/** onchange(name, value). values(): what is set. Returns {element, show()}. */
export function rest(catalogue, values, onchange) {
  const settings = catalogue.popart.filter((setting) => !KNOWN.has(setting.name) && !setting.list);
  const place = h("div", { class: "rest" });
  const show = () => {
    if (place.contains(document.activeElement)) return;
    place.replaceChildren(...settings.map((setting) => {
      const id = unique("rest");
      const title = setting.name.charAt(0).toUpperCase() + setting.name.slice(1).replaceAll("_", " ");
      return h("div", { class: "field" }, h("label", { htmlFor: id }, title), control(setting, id, values()[setting.name] ?? setting.default, (value) => onchange(setting.name, value)),
        h("p", { class: "help" }, `${setting.help} ${setting.more}`.trim()));
    }));
  };
  show();
  return { element: h("section", { class: "card rest-card", ariaLabel: "More settings" }, h("details", {}, h("summary", {}, "More settings"), place)), show };
}
