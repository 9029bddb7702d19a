// A film: a clip, what of it, how it is painted, and the film that comes out.

import { call, upload } from "../api.js";
import { announce, duration, h, icon, toast } from "../dom.js";
import { capital, STATES } from "../words.js";
import { choice } from "../popart/knobs.js";
import { studio } from "../store.js";
import { span } from "./span.js";
import { dropZone, filmShared, recipeBox } from "./shared.js";
import { dropped, isClip } from "./uploads.js";

const chosen = { kind: "stylize", quality: "instant", job: null };
const NOTES = {
  popart: "In a film all of the frame is shown, and the background is kept.",
  instant: "A network paints, and holds still from frame to frame. A style of your own has none; choose another quality for it.",
  other: "Each frame is painted by itself, which takes its time: minutes for each second of the clip.",
};

/** The recipe of the film, or null. */
function filmRecipe() {
  const clip = studio.get("clip");
  const shared = filmShared(chosen.kind, chosen.quality);
  if (!clip || !shared) return null;
  const { start, end, format = "mp4" } = studio.get("video");
  const video = { format, ...(start ? { start } : {}), ...(end && end < clip.seconds ? { end } : {}) };
  return { ...shared, kind: "video", photo: clip.id, video };
}

/** The job in work, or its film. */
function outcome() {
  const words = h("p", { class: "numbers" });
  const bar = h("progress", { class: "progress", max: 1, ariaLabel: "Share of the film that is painted" });
  const preview = h("img", { class: "film-preview", alt: "The newest frame", hidden: true });
  const cancel = h("button", { class: "button", type: "button", onclick: () => end("cancel") }, icon("close"), "Cancel");
  const place = h("div", { class: "film-result" });
  const element = h("section", { class: "card", ariaLabel: "The film", hidden: true }, h("h2", {}, "The film"), words, bar, preview, place, h("div", { class: "row" }, cancel));
  let drawn = "";
  let told = 0;
  async function end(word) {
    try { await call(`/api/jobs/${chosen.job}/${word}`, { method: "POST" }); } catch (error) { toast(error.message, { bad: true }); }
  }
  function show() {
    const job = chosen.job && studio.get("jobs").get(chosen.job);
    element.hidden = !job;
    if (!job) return;
    const works = job.state === "waiting" || job.state === "running";
    const progress = job.state === "running" ? job.progress : null;
    cancel.hidden = bar.hidden = !works;
    preview.hidden = !progress?.preview;
    if (progress?.preview) preview.src = `/api/jobs/${job.id}/preview?n=${progress.preview}`;
    if (progress) bar.value = progress.share; else bar.removeAttribute("value");
    words.textContent = progress ? `${capital(progress.phase || STATES.running)}, ${Math.round(progress.share * 100)} %${progress.seconds_left === null ? "" : `, ${duration(progress.seconds_left)} left`}`
      : job.state === "failed" ? job.error : job.state === "done" ? `${job.result.width} × ${job.result.height} px, made in ${duration(job.result.seconds)}` : STATES[job.state];
    words.classList.toggle("bad", job.state === "failed");
    if (progress && Math.floor(progress.share * 4) > told) { told = Math.floor(progress.share * 4); announce(`${told * 25} % of the film is painted.`); }
    if (drawn === job.id + job.state) return;
    drawn = job.id + job.state;
    place.replaceChildren();
    if (job.state !== "done") { told = 0; return; }
    const [form] = job.result.files;
    const file = `/api/jobs/${job.id}/result.${form}`;
    place.append(form === "gif" ? h("img", { src: file, alt: "The film" }) : h("video", { src: file, controls: true, loop: true, playsInline: true, ariaLabel: "The film" }),
      h("div", { class: "row" }, h("a", { class: "button main", href: `${file}?download=1`, download: "" }, icon("save"), `Download ${form.toUpperCase()}`), h("a", { class: "button", href: `#history/${job.id}` }, "In the history")));
    announce("The film is finished.");
  }
  return { element, show };
}

/** Fill `root`; returns what ends it. */
export function mountFilm(root) {
  let sending = null;
  const status = h("p", { class: "small", role: "status" });
  const bar = h("progress", { class: "progress", max: 1, ariaLabel: "Clip on its way", hidden: true });
  async function bring(files) {
    const file = files.find(isClip);
    if (!file) { if (files.length) toast("That is no film. Bring an MP4, MOV, WebM, MKV or GIF.", { bad: true }); return; }
    sending?.abort();
    const mine = sending = new AbortController();
    status.textContent = `${file.name} is on its way …`;
    status.classList.remove("bad");
    bar.hidden = false;
    bar.value = 0;
    try {
      const clip = await upload("/api/clips", file, { signal: mine.signal, onshare: (share) => { bar.value = share; if (share === 1) status.textContent = "The film is looked at …"; } });
      chosen.job = null;
      studio.set({ clip, video: { format: studio.get("video").format ?? "mp4" } });
      status.textContent = "";
      announce(`${clip.name}, ${duration(clip.seconds)}.`);
    } catch (error) {
      if (error.name !== "AbortError") { status.textContent = error.message; status.classList.add("bad"); }
    }
    if (mine === sending) bar.hidden = true;
  }
  const zone = dropZone({ sign: "camera", heading: "Paint a film", about: "Drop a clip anywhere in this window. The person is followed, the background stays as it is, and so does the sound.", button: "Choose a clip", accept: "video/*,image/gif,.mkv,.mov", label: "Clip file", onfiles: bring, take: async (transfer) => bring(await dropped(transfer)) });

  const poster = h("img", { class: "poster", alt: "" });
  const facts = h("p", { class: "small soft numbers" });
  const part = span((start, end) => studio.set({ video: { ...studio.get("video"), start, end } }));
  const clipCard = h("section", { class: "card", ariaLabel: "Clip" }, poster, h("div", { class: "row spread" }, facts, h("button", { class: "button small", type: "button", onclick: zone.choose }, icon("open"), "Another clip")), part.element);
  const made = outcome();

  const kind = choice("What is made", [["stylize", "Painted"], ["popart", "Pop art"]], (word) => { chosen.kind = word; draw(); });
  const quality = choice("Quality", ["instant", "draft", "standard"].map((word) => [word, capital(word)]), (word) => { chosen.quality = word; draw(); });
  const recipe = h("div", { class: "recipe-box" });
  const note = h("p", { class: "small soft" });
  const format = choice("Format", [["mp4", "MP4"], ["webm", "WebM"], ["gif", "GIF"]], (word) => studio.set({ video: { ...studio.get("video"), format: word } }));
  const forecast = h("p", { class: "soft numbers", role: "status" });
  const start = h("button", { class: "button main", type: "button", onclick: begin }, icon("brush"), "Make the film");
  const panel = h("section", { class: "panel", ariaLabel: "How the film is made" }, h("section", { class: "card", ariaLabel: "Recipe" }, kind.element, recipe, quality.element, note, format.element), h("div", { class: "start-bar" }, forecast, start));
  root.append(h("div", { class: "view many-film" }, h("section", { class: "many-left", ariaLabel: "Film" }, zone.element, status, bar, made.element, clipCard), panel));

  let asked = "";
  let later = 0;
  function foresee(body) {
    const key = JSON.stringify(body);
    if (key === asked) return;
    asked = key;
    clearTimeout(later);
    forecast.textContent = "";
    if (!body) return;
    later = setTimeout(async () => {
      try {
        const { seconds } = await call("/api/forecasts", { method: "POST", body });
        if (asked === key) forecast.textContent = `It will take about ${duration(seconds)}.`;
      } catch (error) { if (asked === key) forecast.textContent = error.message; }
    }, 400);
  }

  async function begin() {
    start.disabled = true;
    try {
      const job = await call("/api/jobs", { method: "POST", body: filmRecipe() });
      chosen.job = job.id;
      studio.set({ jobs: new Map(studio.get("jobs")).set(job.id, job) });
      made.show();
      scrollTo({ top: 0 });
    } catch (error) { toast(error.message, { bad: true }); }
    draw();
  }

  function draw() {
    const clip = studio.get("clip");
    zone.element.hidden = Boolean(clip);
    clipCard.hidden = !clip;
    if (clip) {
      const src = `/api/clips/${clip.id}/view?longest=960`;
      if (poster.getAttribute("src") !== src) { poster.src = src; poster.alt = `Middle frame of ${clip.name}`; }
      facts.textContent = `${clip.name} · ${clip.width} × ${clip.height} px · ${duration(clip.seconds)}`;
      part.show(clip.seconds, studio.get("video"));
    }
    const shared = filmShared(chosen.kind, chosen.quality);
    kind.show(chosen.kind);
    quality.show(chosen.quality);
    quality.element.hidden = chosen.kind === "popart";
    format.show(studio.get("video").format ?? "mp4");
    const focused = recipe.contains(document.activeElement);
    recipe.replaceChildren(...recipeBox(shared && { ...shared, settings: { ...shared.settings, quality: undefined } }, chosen.kind));
    if (focused) recipe.querySelector("a")?.focus();
    note.textContent = NOTES[chosen.kind === "popart" ? "popart" : chosen.quality === "instant" ? "instant" : "other"];
    const body = filmRecipe();
    start.disabled = !body;
    foresee(body);
  }

  const off = studio.on(["clip", "video", "style", "movement", "preset", "settings", "popart", "paletteFrom", "asPopart", "catalogue", "styles"], draw);
  const offJobs = studio.on(["jobs"], made.show);
  return () => { off(); offJobs(); clearTimeout(later); zone.end(); sending?.abort(); };
}
