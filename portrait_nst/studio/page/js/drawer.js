// All settings, as the server describes them: grouped by panel, searched by name and help, each with its way back.

import { change, entries, isChanged, isOfPreset, refused, title, value } from "./choices.js";
import { h, icon, unique } from "./dom.js";
import { makeField } from "./field.js";
import { studio } from "./store.js";

const LAST = ["For experts"];
const ELSEWHERE = ["person", "region"]; // they are picked on the stage

export function mountDrawer(root) {
  const id = unique("search");
  const fields = new Map();
  const count = h("span", { class: "count" });
  const search = h("input", { id, class: "input", type: "search", placeholder: "Name or what it does", oninput: () => find() });
  const none = h("p", { class: "soft small", role: "status" });
  const groups = h("div", { class: "groups" });
  const all = h("button", { class: "button small", type: "button", onclick: () => { studio.set({ settings: {} }); refused.set({ field: "", error: "" }); } }, icon("undo"), "Reset all");
  const drawer = h("details", { class: "drawer" }, h("summary", {}, "All settings ", count),
    h("div", { class: "field" }, h("label", { htmlFor: id }, "Search the settings"), search), h("div", { class: "row spread" }, none, all), groups);
  root.append(drawer);
  // What was opened at the window's lower edge comes into sight.
  drawer.addEventListener("toggle", () => { if (drawer.open && !drawer.contains(document.activeElement?.closest(".field"))) requestAnimationFrame(() => drawer.scrollIntoView({ block: "start", behavior: "instant" })); });

  function build() {
    fields.clear();
    const panels = new Map();
    for (const one of entries()) {
      if (ELSEWHERE.includes(one.name)) continue;
      const field = makeField(one, { onchange: (wanted) => change({ [one.name]: wanted }), styles: () => studio.get("styles") });
      fields.set(one.name, { ...field, words: `${title(one.name)} ${one.name} ${one.help} ${one.more}`.toLowerCase() });
      if (!panels.has(one.panel)) panels.set(one.panel, h("details", { class: "group", open: !panels.size }, h("summary", {}, one.panel || "Others")));
      panels.get(one.panel).append(field.element);
    }
    groups.replaceChildren(...[...panels].sort(([a], [b]) => LAST.includes(a) - LAST.includes(b)).map(([, group]) => group));
    show();
    find();
  }

  function show() {
    for (const [name, field] of fields) field.show(value(name), isChanged(name));
    const changed = Object.keys(studio.get("settings")).filter((name) => !ELSEWHERE.includes(name)).length;
    count.textContent = changed ? `${changed} changed` : "";
    count.hidden = !changed;
    all.hidden = !changed;
  }

  function find() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const field of fields.values()) {
      field.element.hidden = !words.every((word) => field.words.includes(word));
      found += !field.element.hidden;
    }
    for (const group of groups.children) {
      group.hidden = ![...group.querySelectorAll(".setting")].some((one) => !one.hidden);
      if (words.length) group.open = true;
    }
    none.textContent = words.length ? (found ? `${found} of ${fields.size} settings` : "No setting speaks of that.") : `${fields.size} settings`;
  }

  function complain() {
    for (const [name, field] of fields) field.error(name === refused.get("field") ? refused.get("error") : "");
    const field = fields.get(refused.get("field"));
    if (!field || !refused.get("asked")) return; // a preview must not take the focus
    if (!isInSight(refused.get("field"))) { drawer.open = true; search.value = ""; find(); field.element.closest("details").open = true; field.focus(); }
  }

  const ends = [studio.on(["catalogue"], build), studio.on(["settings", "preset", "styles"], show), refused.on(["field", "error", "asked"], complain)];
  return () => ends.forEach((end) => end());
}

/** Whether a knob or the preset outside of the drawer stands for this setting and shows its error. */
const isInSight = (name) => isOfPreset(name) || ["strength", "quality", "colours", "likeness", "style_scale", "background"].includes(name);
