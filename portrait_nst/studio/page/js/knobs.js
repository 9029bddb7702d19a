// The few knobs that everybody turns. Their range, default and help are those of the settings.

import { change, entry, refused, value } from "./choices.js";
import { h, unique } from "./dom.js";
import { forecastOf, times as learned } from "./forecast.js";
import { about } from "./jobs.js";
import { recipe, studio } from "./store.js";

const QUALITIES = { instant: "Instant", draft: "Draft", standard: "Standard", fine: "Fine" };
const COLOURS = { style: "Painting’s", luminance: "Photo’s", pca: "Both" };
const COLOURS_HELP = {
  style: "The picture takes the painting’s palette.", luminance: "Only light and shade are painted; every colour stays.",
  pca: "The painting’s strokes in the photo’s palette (pca).", cholesky: "The painting’s strokes in the photo’s palette (cholesky).",
};
const GOALS = [[0, "Free", "The painting may do what it likes."], [0.6, "Bold", "Strokes are bold; eyes may smear."],
  [0.7, "Known", "Friends know who it is."], [0.8, "Close", "Close to the photo; paint stays thin in the face."]];

/** What a knob has in common: where its words and its error stand. `show()` is called after each change. */
function framed(root, name, parts, show) {
  const error = h("p", { class: "bad small", role: "alert", hidden: true });
  root.append(parts(error));
  const ends = [studio.on(["settings", "preset", "catalogue"], show), refused.on(["field", "error"], () => {
    error.hidden = refused.get("field") !== name;
    error.textContent = error.hidden ? "" : refused.get("error");
  })];
  return () => ends.forEach((end) => end());
}

/** A slider. words(value): what stands beside it; to and from turn the setting into the slider's number and back. */
function slider(root, { name, label, low, high, min, max, step, words, to = Number, from = Number, help = null }) {
  const id = unique(name);
  const input = h("input", { id, type: "range", min, max, step, "aria-describedby": `${id}-help`, oninput: () => change({ [name]: from(Number(input.value)) }) });
  const output = h("output", { htmlFor: id });
  const told = h("p", { class: "help", id: `${id}-help` });
  return framed(root, name, (error) => h("div", { class: "field" },
    h("div", { class: "knob" }, h("label", { class: "label", htmlFor: id }, label), output, input),
    h("div", { class: "ends small soft", ariaHidden: "true" }, h("span", {}, low), h("span", {}, high)), told, error),
  () => {
    const now = value(name);
    told.textContent = help ?? entry(name)?.help ?? "";
    told.classList.add("unseen"); // the ends say it to the eye
    if (now === null) return;
    if (document.activeElement !== input || from(Number(input.value)) !== now) input.value = to(now);
    output.value = words(now);
    input.setAttribute("aria-valuetext", words(now));
  });
}

/** A row of words, one of which holds. */
function words(root, { name, label, choices, help, below = null }) {
  const group = unique(name);
  const told = h("p", { class: "help", id: `${group}-help` });
  const labels = choices.map(([wanted, text]) => h("label", {},
    h("input", { type: "radio", name: group, onchange: () => change({ [name]: wanted }) }),
    h("span", {}, text, below && h("small", { class: "below" }))));
  return framed(root, name, (error) => h("fieldset", { class: "field", "aria-describedby": told.id }, h("legend", { class: "label" }, label),
    h("div", { class: "switch tight" }, labels), told, error),
  () => {
    const now = value(name);
    choices.forEach(([wanted], index) => { labels[index].firstChild.checked = wanted === now; });
    told.textContent = help(now, entry(name));
    below?.(labels.map((one) => one.querySelector(".below")));
  });
}

export function mountKnobs(root) {
  root.append(h("h2", {}, "Look"));
  let turn = 0;
  /** The forecasts under the qualities, one after the other; a later change begins anew. */
  async function times(places) {
    const mine = ++turn;
    await new Promise((resolve) => setTimeout(resolve, 500));
    for (const [index, quality] of Object.keys(QUALITIES).entries()) {
      const now = recipe("stylize");
      if (mine !== turn) return;
      if (!now) { places[index].textContent = ""; continue; }
      try {
        const found = await forecastOf({ ...now, settings: { ...now.settings, quality } });
        if (mine === turn) places[index].textContent = `~ ${about(found.seconds)}`;
      } catch { places[index].textContent = ""; }
    }
  }
  let qualityPlaces = null;
  const log = { to: (now) => Math.log2(now), from: (found) => Number((2 ** found).toFixed(2)) };
  const ends = [
    slider(root, { name: "strength", label: "Strength", low: "the photo", high: "all style", min: 0, max: 1, step: 0.01, words: (now) => `${Math.round(now * 100)} %` }),
    words(root, { name: "quality", label: "Quality", choices: Object.entries(QUALITIES), below: (places) => { qualityPlaces = places; },
      help: (now) => (now === "instant" ? "A learned network paints at once; the others paint stroke by stroke." : "Stroke by stroke. Finer is larger, and takes longer.") }),
    words(root, { name: "colours", label: "Colours", choices: Object.entries(COLOURS), help: (now) => COLOURS_HELP[now] ?? "" }),
    words(root, { name: "likeness", label: "Likeness", choices: GOALS.map(([wanted, text]) => [wanted, text]),
      help: (now) => GOALS.find(([wanted]) => wanted === now)?.[2] ?? `Faces must stay ${Math.round(now * 100)} % alike, as set below.` }),
    slider(root, { name: "style_scale", label: "Brush size", low: "finer", high: "broader", min: -1.5, max: 1.5, step: 0.05, words: (now) => `× ${Number(now.toFixed(2))}`, ...log }),
    studio.on(["photo", "mask", "person", "style", "movement", "preset", "settings", "styles"], () => { if (qualityPlaces) times(qualityPlaces); }),
    learned.on(["known"], () => { if (qualityPlaces) times(qualityPlaces); }),
  ];
  return () => { turn++; ends.forEach((end) => end()); };
}

