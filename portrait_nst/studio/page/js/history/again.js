// A recipe back into the page, to be changed; and a failed job once more as it was.

import { call } from "../api.js";
import { toast } from "../dom.js";
import { studio } from "../store.js";

const gone = (error) => error.status === 404;

/** Put photo, mask, style and settings of a job into the page, and go where they are changed. */
export async function again(job) {
  const { kind, photo, mask = null, style = [], movement = null, preset = null, settings = {}, popart = null, palette_from: paletteFrom = null, video } = job.request;
  const { person = "all", region, ...others } = settings;
  let thing = null;
  try { thing = await call(`/api/${kind === "video" ? "clips" : "photos"}/${photo}`); } catch (error) {
    if (!gone(error)) { toast(error.message, { bad: true }); return; }
    toast(kind === "video" ? "The clip is no longer on this machine; choose another one for this recipe." : "The photo is no longer on this machine; choose another one for this recipe.");
  }
  if (kind === "popart") {
    if (thing) studio.set({ photo: thing, people: null, mask, person: region === "all" ? "picture" : person, shown: null, job: null });
    studio.set({ popart: { ...popart }, paletteFrom });
    location.hash = "#popart";
    return;
  }
  if (kind === "video" && popart) { // pop art of a clip has no style
    studio.set({ popart: { ...popart }, paletteFrom, clip: thing, video: { ...video } });
    location.hash = "#many/film";
    return;
  }
  studio.set({ style: [...style], movement, preset, settings: others, asPopart: Boolean(popart), ...(popart ? { popart: { ...popart } } : {}) });
  if (kind === "video") {
    studio.set({ clip: thing, video: { ...video } });
    location.hash = "#many/film";
    return;
  }
  if (thing) studio.set({ photo: thing, people: null, mask, person: region === "all" ? "picture" : person, shown: null, job: null });
  location.hash = "#paint";
}

/** The same job once more; goes to its page. */
export async function retry(job) {
  try {
    const { id } = await call("/api/jobs", { method: "POST", body: { ...job.request, title: job.title } });
    location.hash = `#history/${id}`;
  } catch (error) { toast(error.message, { bad: true }); }
}
