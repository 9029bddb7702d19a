// What the page knows, in one place; views change it with `set` and are told with `on`.

export function store(values) {
  const listeners = new Map();
  return {
    get: (name) => values[name],
    set(changes) {
      const changed = Object.keys(changes).filter((name) => values[name] !== changes[name]);
      Object.assign(values, changes);
      const told = new Set(changed.flatMap((name) => [...(listeners.get(name) ?? [])]));
      for (const listener of told) listener();
    },
    /** Call `listener` now and whenever one of `names` changes; returns what ends it. */
    on(names, listener) {
      for (const name of names) listeners.set(name, (listeners.get(name) ?? new Set()).add(listener));
      listener();
      return () => names.forEach((name) => listeners.get(name).delete(listener));
    },
  };
}

export const studio = store({
  about: null,        // GET /api/about
  catalogue: null,    // GET /api/settings
  styles: [],         // GET /api/styles
  photo: null,        // a Thing
  people: null,       // {people, notes}; null while they are looked for
  person: "all",      // "all", "largest", a number, or "picture": the whole picture is painted
  mask: null,         // the id of a drawn or uploaded mask
  style: [],          // [{style, share}]
  movement: null,
  preset: null,
  settings: {},       // what was changed of Settings; background and person stand here too
  popart: {},         // what was changed of PopartSettings
  paletteFrom: null,
  asPopart: false,    // a painting that is turned into segments
  clip: null,         // a Thing: the clip of Many & films
  video: {},          // what of it: {start, end, format}
  shown: null,        // what the stage shows beside the photo: {kind: "preview" | "result" | "popart", url, job, notes}; of pop art {kind, url, words, ratio}
  jobs: new Map(),    // id -> Job; a new Map with each change
  job: null,          // the id of the job that this page's stage follows
});

/** The recipe of what is chosen, as the API takes it; kind "stylize" or "popart". Null without a photo, or without a style. */
export function recipe(kind) {
  const get = studio.get;
  if (!get("photo")) return null;
  const found = { kind, photo: get("photo").id };
  if (get("mask")) found.mask = get("mask");
  let whom = {};
  if (!get("mask") && get("person") === "picture") whom = { region: "all" };
  else if (!get("mask") && get("person") !== "all") whom = { person: get("person") };
  if (kind === "popart") {
    found.popart = { ...get("popart") };
    if (get("paletteFrom")) found.palette_from = get("paletteFrom");
    return { ...found, settings: whom };
  }
  if (get("movement")) found.movement = get("movement");
  else if (get("style").length) found.style = get("style");
  else return null;
  if (get("preset")) found.preset = get("preset");
  found.settings = { ...get("settings"), ...whom };
  if (get("asPopart")) found.popart = { ...get("popart") };
  return found;
}
