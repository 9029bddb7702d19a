// Asks for the composition of what is chosen: one request at a time, and of those that wait only the newest.

import { call } from "../api.js";

/**
 * Its picture, loaded and decoded, so that it can be swapped in without a flicker. Vectors come in a hundredth of a second;
 * only where the photo is kept behind them pixels are less.
 */
async function loaded(made, keeps, longest) {
  const image = new Image();
  image.src = keeps ? `/api/popart/${made.id}.png?longest=${longest}` : `/api/popart/${made.id}.svg`;
  await image.decode();
  return image.src;
}

/** on.begin(), on.made(composition, url), on.error(problem), on.end(). Returns ask(recipe) and stop(). */
export function runner(on, longest) {
  let waiting = null;
  let busy = false;
  let stopped = false;
  async function go() {
    busy = true;
    on.begin();
    while (waiting && !stopped) {
      const body = waiting;
      waiting = null;
      try {
        const made = await call("/api/popart", { method: "POST", body });
        if (stopped) return;
        const url = await loaded(made, body.popart.background === "keep", longest());
        if (!stopped) on.made(made, url, body);
      } catch (problem) {
        if (!stopped && !waiting) on.error(problem.name === "EncodingError" ? new Error("The picture could not be shown. Change a setting to try again.") : problem, body);
      }
    }
    busy = false;
    if (!stopped) on.end();
  }
  return {
    ask(recipe) { waiting = recipe; if (!busy) go(); },
    stop() { stopped = true; waiting = null; },
  };
}
