// Recipes, states and times in words.

import { studio } from "./store.js";

export const KINDS = { stylize: "Painting", popart: "Pop art", video: "Film" };
const FORMS = { png: "PNG", jpg: "JPEG", svg: "SVG", pdf: "PDF", "sheet.pdf": "Painting sheet", mp4: "MP4", webm: "WebM", gif: "GIF" };
export const formOf = (form) => FORMS[form] ?? form.toUpperCase();

/** Seconds from the moment when the painter got a job to its picture, as its user waited for it; forecasts learn from the same. */
export const took = (job) => Math.max(job.result?.seconds ?? 0, job.began && job.ended ? job.ended - job.began : 0);

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
/** A remark of the library as a sentence. */
export const sentence = (text) => capital(text).replace(/([^.!?])$/, "$1.");
const spaced = (name) => name.replaceAll("_", " ");

/** What a style is called: its title, or a word for one that is no longer here. */
function styleTitle(word) {
  const style = studio.get("styles").find(({ id, name }) => id === word || name === word);
  if (style) return style.title || style.name;
  return /^[0-9a-f]{16}$/.test(word) ? "an uploaded picture" : capital(spaced(word));
}

/** "Impasto", or "Impasto 67 %, Mosaic 33 %"; "" without a style. */
export function styleWords({ style = [], movement = null }) {
  if (movement) return `${movement.name}${movement.pick === "nearest" ? ", nearest paintings" : ""}`;
  const sum = style.reduce((total, { share = 1 }) => total + share, 0);
  return style.map(({ style: word, share = 1 }) => styleTitle(word) + (style.length > 1 ? ` ${Math.round((100 * share) / sum)} %` : "")).join(", ");
}

function valueWords(value, setting) {
  if (value === true) return "yes";
  if (value === false) return "no";
  if (value === null || value === "") return "by itself";
  if (Array.isArray(value)) return value.join(setting?.name === "grid" ? " × " : ", ");
  if (typeof value === "number") return String(Math.round(value * 1000) / 1000) + (setting?.unit === "pixels" ? " px" : "");
  return /^[0-9a-f]{16}$/.test(value) ? styleTitle(value) : spaced(String(value)).replaceAll(",", ", ").replaceAll(";", "; ");
}

function changed(values, settings) {
  const known = new Map((settings ?? []).map((setting) => [setting.name, setting]));
  return Object.entries(values ?? {}).filter(([name, value]) => value !== undefined && name !== "person" && name !== "region" && JSON.stringify(value) !== JSON.stringify(known.get(name)?.default))
    .map(([name, value]) => [capital(spaced(name)), valueWords(value, known.get(name))]);
}

function whom({ mask, settings = {} }) {
  if (mask) return "What the corrected mask covers";
  if (settings.region === "all") return "The whole picture";
  if (settings.person === "largest") return "The largest person";
  return settings.person && settings.person !== "all" ? `Person ${settings.person} from the left` : "Everybody";
}

const clock = (seconds) => `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, "0")}`;

/** A recipe as pairs of words: [what, how]. */
export function recipeWords(request) {
  const catalogue = studio.get("catalogue");
  const pairs = [["Kind", request.kind === "stylize" && request.popart ? "Painting, turned into segments" : KINDS[request.kind]]];
  const style = styleWords(request);
  if (style) pairs.push(["Style", style]);
  pairs.push(["Whom", whom(request)]);
  if (request.preset) pairs.push(["Preset", request.preset]);
  pairs.push(...changed(request.settings, catalogue?.settings));
  if (request.popart) pairs.push(...changed(request.popart, catalogue?.popart));
  if (request.palette_from) pairs.push(["Colours of", styleTitle(request.palette_from)]);
  if (request.video) {
    const { start, end, format } = request.video;
    if (start || end) pairs.push(["Part", `${clock(start ?? 0)} to ${end ? clock(end) : "the end"}`]);
    if (format) pairs.push(["Format", formOf(format)]);
  }
  return pairs;
}

export function when(seconds) {
  const date = new Date(seconds * 1000);
  const today = new Date();
  const time = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  if (date.toDateString() === today.toDateString()) return `today, ${time}`;
  const yesterday = new Date(today);
  yesterday.setDate(today.getDate() - 1);
  if (date.toDateString() === yesterday.toDateString()) return `yesterday, ${time}`;
  return `${date.toLocaleDateString([], { day: "numeric", month: "long", ...(date.getFullYear() === today.getFullYear() ? {} : { year: "numeric" }) })}, ${time}`;
}

export const titleOf = (job) => job.title || styleWords(job.request) || KINDS[job.kind];
export const STATES = { waiting: "Waiting", running: "In work", done: "Done", failed: "Failed", cancelled: "Cancelled" };

/** Where a job's picture is: the result's thumbnail, or the photo that it was to be made of. */
export function thumbOf(job) {
  if (job.state === "done") return `/api/jobs/${job.id}/thumb`;
  return job.kind === "video" ? `/api/clips/${job.request.photo}/view?longest=480` : `/api/photos/${job.request.photo}/view?longest=480`;
}
