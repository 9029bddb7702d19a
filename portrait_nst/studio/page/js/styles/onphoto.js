// The user's own photo, painted small in each style: one after another, those in sight first.

import { picture } from "../api.js";
import { isPreviewing } from "../preview.js";
import { recipe, studio } from "../store.js";

const LONGEST = 192;
const KEPT = 240; // pictures of some 10 kB
const made = new Map(); // "photo person mask style" -> blob URL, or null where it could not be painted

const key = (style) => [studio.get("photo")?.id, studio.get("mask") ?? studio.get("person"), style].join(" ");

function keep(name, url) {
  made.set(name, url);
  if (made.size <= KEPT) return;
  const [oldest, old] = made.entries().next().value;
  made.delete(oldest);
  if (old) URL.revokeObjectURL(old);
}

/** {add(id, tile), forget(id), show(on), end()} */
export function onPhoto() {
  const tiles = new Map();
  const inSight = new Set();
  let shown = false;
  let work = null; // what aborts the picture in the making
  const watcher = new IntersectionObserver((seen) => {
    for (const one of seen) { if (one.isIntersecting) inSight.add(one.target); else inSight.delete(one.target); }
    next();
  });

  function dress() {
    for (const [id, tile] of tiles) {
      const url = shown ? made.get(key(id)) : null;
      tile.picture(url ?? null, shown && !made.has(key(id)));
    }
  }

  async function next() {
    if (!shown || work || !studio.get("photo")) return;
    const missing = [...tiles].filter(([id]) => !made.has(key(id)));
    const found = missing.find(([, tile]) => inSight.has(tile.element)) ?? missing[0];
    if (!found) return;
    // The picture on the stage comes first.
    if (isPreviewing()) { setTimeout(next, 150); return; }
    const [id] = found;
    const name = key(id);
    const mine = work = new AbortController();
    const { popart, palette_from: none, ...whom } = recipe("popart"); // the photo, the mask and whom to paint, without a look
    try {
      const { blob } = await picture("/api/previews", { ...whom, kind: "stylize", style: [{ style: id, share: 1 }], longest: LONGEST }, mine.signal);
      keep(name, URL.createObjectURL(blob));
    } catch (error) {
      if (error.name === "AbortError") return; // who aborted has begun anew
      if (error.status === 429 || error.status === 503 || !error.status) { work = null; setTimeout(next, 2000); return; }
      keep(name, null);
    }
    if (work === mine) work = null;
    dress();
    next();
  }

  function again() {
    work?.abort();
    work = null;
    dress();
    next();
  }

  const end = studio.on(["photo", "person", "mask"], again);
  return {
    add(id, tile) { tiles.set(id, tile); watcher.observe(tile.element); dress(); next(); },
    forget(id) { inSight.delete(tiles.get(id)?.element); tiles.delete(id); },
    show(on) { shown = on; if (on) { dress(); next(); } else again(); },
    end() { shown = false; work?.abort(); watcher.disconnect(); end(); },
  };
}
