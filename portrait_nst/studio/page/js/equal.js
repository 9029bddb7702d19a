// Whether two recipes make the same picture: then one of them is enough.

const SETTINGS = ["kind", "photo", "mask", "preset", "palette_from", "video", "decided"];
const sorted = (values) => JSON.stringify(Object.entries(values ?? {}).filter(([, value]) => value !== undefined).sort(([one], [other]) => (one < other ? -1 : 1)));

/** The same text for all ways of writing one recipe: what the page sends and what the server answers. */
function canonical(request) {
  const style = (request.style ?? []).map(({ style: word, share = 1 }) => [word, Number(share)]);
  const movement = request.movement && [request.movement.name, request.movement.pick ?? "mean", request.movement.paintings ?? null];
  return JSON.stringify([SETTINGS.map((name) => request[name] ?? null), style.length === 1 ? [[style[0][0], 1]] : style, movement ?? null, sorted(request.settings), request.popart ? sorted(request.popart) : null]);
}

/** The first of `jobs` that makes the same picture as `recipe`, or undefined. */
export function sameAs(recipe, jobs) {
  if (!recipe) return undefined;
  const wanted = canonical(recipe);
  return jobs.find((job) => canonical(job.request) === wanted);
}
