// The recipe that photos and films share: what Paint or Pop art has chosen, without the photo.

import { h, icon } from "../dom.js";
import { recipeWords } from "../words.js";
import { studio } from "../store.js";

/** kind: "stylize" or "popart". Null where no style is chosen. */
export function sharedRecipe(kind, whom = "all") {
  const get = studio.get;
  const settings = whom === "all" ? {} : { person: whom };
  if (kind === "popart") return { kind, popart: { ...get("popart") }, settings, ...(get("paletteFrom") ? { palette_from: get("paletteFrom") } : {}) };
  if (!get("movement") && !get("style").length) return null;
  return {
    kind, ...(get("movement") ? { movement: get("movement") } : { style: get("style") }), ...(get("preset") ? { preset: get("preset") } : {}),
    settings: { ...get("settings"), ...settings }, ...(get("asPopart") ? { popart: { ...get("popart") } } : {}),
  };
}

/** What Paint or Pop art has chosen, as a film takes it: a style or a mode; frame and background stay the clip's. Null without a style. */
export function filmShared(kind, quality) {
  if (kind === "popart") {
    const { frame, background, ...popart } = studio.get("popart");
    return { ...sharedRecipe("popart"), popart };
  }
  if (!studio.get("style").length) return null;
  return { kind, style: studio.get("style"), settings: { ...studio.get("settings"), quality } };
}

/** The recipe in words, with the way to where it is changed; `shared` is one, or null. */
export function recipeBox(shared, kind) {
  const where = kind === "popart" ? ["#popart", "Change it in Pop art"] : ["#paint", shared ? "Change it in Paint" : "Choose a style in Paint"];
  const link = h("a", { class: shared ? "button small" : "button main", href: where[0] }, icon("brush"), where[1]);
  if (!shared) return [h("p", { class: "soft" }, "No style is chosen yet."), link];
  const rows = recipeWords({ ...shared, photo: "" }).filter(([what]) => what !== "Kind" && what !== "Whom");
  const words = rows.length ? h("dl", { class: "recipe" }, ...rows.map(([what, how]) => h("div", {}, h("dt", { class: "soft" }, what), h("dd", {}, how)))) : h("p", { class: "soft" }, "In the kind and the colours that pop art has by itself.");
  const thumbs = (shared.style ?? []).map(({ style }) => h("img", { src: `/api/styles/${style}/thumb`, alt: "", class: "style-thumb" }));
  return [thumbs.length > 0 && h("div", { class: "row" }, ...thumbs), words, link].filter(Boolean);
}

/** A place for files: a drop zone with a button. onfiles(files). */
export function dropZone({ sign, heading, about, button, accept, multiple = false, folder = false, label, onfiles, take }) {
  const chosen = (input) => { const files = [...input.files]; input.value = ""; onfiles(files); };
  const input = h("input", { type: "file", accept, multiple, class: "unseen", tabIndex: -1, ariaLabel: label, onchange: () => chosen(input) });
  const whole = folder && h("input", { type: "file", class: "unseen", tabIndex: -1, ariaLabel: "Folder with photos", webkitdirectory: true, onchange: () => chosen(whole) });
  const zone = h("div", { class: "drop" }, h("span", { class: "drop-sign" }, icon(sign)), h("h2", {}, heading), h("p", { class: "soft" }, about),
    h("div", { class: "row middle" }, h("button", { class: "button main", type: "button", onclick: () => input.click() }, icon("open"), button), folder && h("button", { class: "button wide", type: "button", onclick: () => whole.click() }, "Choose a folder")), input, whole);
  const off = drops(zone, take);
  return { element: zone, choose: () => input.click(), end: off };
}

/** Files that are dropped anywhere in the window; `mark` is lit while they are over it. Returns what ends it. */
function drops(mark, take) {
  const carries = (event) => event.dataTransfer?.types.includes("Files");
  const on = {
    dragover(event) { if (carries(event)) { event.preventDefault(); mark.classList.add("over"); } },
    dragleave(event) { if (!event.relatedTarget) mark.classList.remove("over"); },
    drop(event) { if (carries(event)) { event.preventDefault(); mark.classList.remove("over"); take(event.dataTransfer); } },
  };
  for (const [name, listener] of Object.entries(on)) addEventListener(name, listener);
  return () => { for (const [name, listener] of Object.entries(on)) removeEventListener(name, listener); };
}
