// How long a painting will take. Settings that change nothing of it ask nothing of the server, and the preview comes first.

import { call } from "./api.js";
import { isPreviewing } from "./preview.js";
import { store, studio } from "./store.js";

const KEPT = 100;
const PATIENCE = 4000; // ms that a forecast stands back for previews
const known = new Map();
const IDLE = ["strength", "colours", "seed", "recolour"];
let last = Promise.resolve(); // one at a time: the same process paints the previews

/** known: changes when the server may have learned from a job that was done, and all seconds are asked for anew. */
export const times = store({ known: 0 });
let done = null;
studio.on(["jobs"], () => {
  const ended = [...studio.get("jobs").values()].filter(({ state }) => state === "done").length;
  if (done !== null && ended > done) { known.clear(); times.set({ known: times.get("known") + 1 }); }
  done = studio.get("jobs").size ? ended : null;
});

const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

async function asked(recipe) {
  const until = Date.now() + PATIENCE;
  while (isPreviewing() && Date.now() < until) await pause(60);
  return call("/api/forecasts", { method: "POST", body: recipe });
}

/** The server's Forecast of a recipe; raises a Problem where the recipe is refused. */
export function forecastOf(recipe) {
  const settings = Object.fromEntries(Object.entries(recipe.settings ?? {}).filter(([name]) => !IDLE.includes(name)));
  const key = JSON.stringify({ ...recipe, settings });
  if (!known.has(key)) {
    const found = last.then(() => asked(recipe));
    last = found.catch(() => {});
    known.set(key, found);
    found.catch(() => known.delete(key));
    if (known.size > KEPT) known.delete(known.keys().next().value);
  }
  return known.get(key);
}
