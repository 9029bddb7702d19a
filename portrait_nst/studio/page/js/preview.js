// The painting as the instant network sees it, on the stage while knobs turn: one request at a time, always the newest.

import { picture } from "./api.js";
import { refused } from "./choices.js";
import { recipe, store, studio } from "./store.js";

const LONGEST = 512;
const CLIENT = `page-${Math.random().toString(36).slice(2)}`;

/** busy: one is computed. notes: of the newest. error: why there is none. */
export const preview = store({ busy: false, notes: [], error: "" });
export const isPreviewing = () => preview.get("busy");

let url = null;
let painted = ""; // the recipe that the newest picture shows

function show(blob, notes) {
  const old = url;
  url = URL.createObjectURL(blob);
  studio.set({ shown: { kind: "preview", url, notes } });
  if (old) setTimeout(() => URL.revokeObjectURL(old), 1000); // the stage may still be decoding it
}

/** Ask for previews as choices change; returns what ends it. */
export function followPreview() {
  let work = null;
  let wanted = null;
  let photo = studio.get("photo")?.id;
  let first = true;

  async function next() {
    if (work || !wanted) return;
    const asked = wanted;
    wanted = null;
    const mine = work = new AbortController();
    preview.set({ busy: true });
    try {
      const { blob, notes } = await picture("/api/previews", { ...asked.recipe, longest: LONGEST, client: CLIENT }, mine.signal);
      if (work !== mine) return;
      painted = asked.key;
      // A job that the stage follows by now is newer than this.
      if (!studio.get("job")) show(blob, notes);
      preview.set({ notes, error: "" });
      if (refused.get("field")) refused.set({ field: "", error: "" });
    } catch (error) {
      if (work !== mine) return;
      if (error.name !== "AbortError" && error.status !== 409 && !wanted) {
        preview.set({ error: error.message });
        refused.set({ field: error.field ?? "", error: error.field ? error.message : "", asked: false });
      }
    }
    work = null;
    if (wanted) next();
    else preview.set({ busy: false });
  }

  function turned() {
    const now = recipe("stylize");
    if (studio.get("photo")?.id !== photo || !now) {
      photo = studio.get("photo")?.id;
      work?.abort();
      work = wanted = null;
      preview.set({ busy: false, notes: [], error: "" });
    }
    const key = JSON.stringify(now);
    // What a view shows again when it is entered is not a change.
    if (first) { first = false; if (studio.get("job") || (studio.get("shown") && key === painted)) return; }
    if (!now) return;
    if (studio.get("job")) studio.set({ job: null });
    wanted = { recipe: now, key };
    next();
  }

  const end = studio.on(["photo", "person", "mask", "style", "movement", "preset", "settings"], turned);
  return () => { end(); work?.abort(); work = wanted = null; preview.set({ busy: false }); };
}
