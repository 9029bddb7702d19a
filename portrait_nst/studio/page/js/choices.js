// What is chosen of the settings: their base (the preset's, else the default), and what differs from it.

import { studio, store } from "./store.js";

/** What the server last refused: its words, the setting that they are about, and whether it was asked for by the main button. */
export const refused = store({ field: "", error: "", asked: false });

/** Whether the words stand at a preset: it made the setting, nobody changed it. */
export const isOfPreset = (name) => name in presetSettings() && !isChanged(name);

export const entries = () => studio.get("catalogue")?.settings ?? [];
export const entry = (name) => entries().find((one) => one.name === name);
export const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** The settings that the chosen preset makes, by name. */
export function presetSettings() {
  const name = studio.get("preset");
  return (name && studio.get("catalogue")?.presets.find((one) => one.name === name)?.settings) || {};
}

/** What a setting is while nobody changes it here. */
export function base(name) {
  const found = presetSettings();
  return name in found ? found[name] : entry(name)?.default ?? null;
}

export function value(name) {
  const changed = studio.get("settings");
  return name in changed ? changed[name] : base(name);
}

export const isChanged = (name) => name in studio.get("settings");

/** Change settings; what equals its base is no change, and undefined resets. */
export function change(values) {
  const next = { ...studio.get("settings") };
  for (const [name, wanted] of Object.entries(values)) {
    if (wanted === undefined || same(wanted, base(name))) delete next[name];
    else next[name] = wanted;
    if (refused.get("field") === name) refused.set({ field: "", error: "" });
  }
  if (!same(next, studio.get("settings"))) studio.set({ settings: next });
}

/** "style_scale" -> "Style scale" */
export const title = (name) => (name[0].toUpperCase() + name.slice(1)).replaceAll("_", " ");
