// How long a painting will take. Settings that change nothing of it ask nothing of the server.

import { call } from "./api.js";

const KEPT = 100;
const known = new Map();
const IDLE = ["strength", "colours", "seed", "recolour"];

/** The server's Forecast of a recipe; raises a Problem where the recipe is refused. */
export async function forecastOf(recipe) {
  const settings = Object.fromEntries(Object.entries(recipe.settings ?? {}).filter(([name]) => !IDLE.includes(name)));
  const key = JSON.stringify({ ...recipe, settings });
  if (!known.has(key)) {
    known.set(key, call("/api/forecasts", { method: "POST", body: recipe }).catch((error) => { known.delete(key); throw error; }));
    if (known.size > KEPT) known.delete(known.keys().next().value);
  }
  return known.get(key);
}
