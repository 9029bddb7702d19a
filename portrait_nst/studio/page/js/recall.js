// A recipe of the history, put back into the page: the photo, the style and everything that was chosen.

import { call } from "./api.js";
import { studio } from "./store.js";

/** Choose again what `request` (a JobRequest) asked for; raises a Problem if its photo is gone. */
export async function recall(request) {
  const photo = studio.get("photo")?.id === request.photo ? studio.get("photo") : await call(`/api/photos/${request.photo}`);
  const { person = null, region, ...settings } = request.settings ?? {};
  studio.set({
    photo, person: person ?? (region === "all" ? "picture" : "all"), mask: request.mask ?? null, style: request.style ?? [], movement: request.movement ?? null, preset: request.preset ?? null,
    settings, asPopart: Boolean(request.kind === "stylize" && request.popart), ...(request.popart ? { popart: request.popart } : {}),
  });
}
