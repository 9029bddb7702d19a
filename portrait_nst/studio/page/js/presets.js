// Published recipes: which there are, where they come from, and what they change.

import { isOfPreset, presetSettings, refused, title } from "./choices.js";
import { announce, h, unique } from "./dom.js";
import { studio } from "./store.js";

const said = (value) => (value === null ? "automatic" : Array.isArray(value) ? value.join(", ") : String(value));

export function mountPresets(root) {
  const id = unique("preset");
  const select = h("select", { id, "aria-describedby": `${id}-source`, onchange: () => {
    studio.set({ preset: select.value || null });
    announce(select.value ? `${select.value} changes ${Object.keys(presetSettings()).length} settings` : "No preset");
  } });
  const source = h("p", { class: "help", id: `${id}-source` });
  const error = h("p", { class: "bad small", role: "alert", hidden: true });
  const list = h("dl", { class: "changes" });
  const summary = h("summary", {});
  const changes = h("details", { class: "preset-changes" }, summary, list);
  root.append(h("div", { class: "field" }, h("label", { htmlFor: id }, "Preset"), select, error, source, changes));
  const ends = [refused.on(["field", "error"], () => {
    error.hidden = !isOfPreset(refused.get("field"));
    error.textContent = error.hidden ? "" : refused.get("error");
  }), studio.on(["catalogue", "preset"], () => {
    const presets = studio.get("catalogue")?.presets ?? [];
    if (select.options.length !== presets.length + 1) select.replaceChildren(h("option", { value: "" }, "None"), ...presets.map((one) => h("option", { value: one.name }, one.name)));
    select.value = studio.get("preset") ?? "";
    const chosen = presets.find((one) => one.name === studio.get("preset"));
    source.textContent = chosen ? chosen.source : "A preset sets many knobs at once, as a published paper did. Each can still be changed below. Without one, the studio’s own settings paint.";
    const made = Object.entries(presetSettings());
    changes.hidden = !made.length;
    summary.textContent = `What it changes: ${made.length} settings`;
    list.replaceChildren(...made.map(([name, value]) => h("div", {}, h("dt", {}, title(name)), h("dd", {}, said(value)))));
  })];
  return () => ends.forEach((end) => end());
}
