// One job: its picture beside the photo, its title, how it was made, and what can be done with it.

import { call } from "../api.js";
import { announce, duration, h, icon, toast, unique } from "../dom.js";
import { palette, specs } from "../popart/palettes.js";
import { stripes } from "../popart/wall.js";
import { studio } from "../store.js";
import { again, retry } from "./again.js";
import { change, follow, known } from "./feed.js";
import { remove } from "./remove.js";
import { capital, formOf, KINDS, recipeWords, sentence, STATES, thumbOf, titleOf, when, took } from "../words.js";

const LONGEST = 1600;
const file = (job, form) => `/api/jobs/${job.id}/result.${form}`;
const isFilm = (form) => form === "mp4" || form === "webm";
const shown = (job) => job.result.files.find((form) => ["png", "jpg", "gif"].includes(form)) ?? job.result.files[0];

/** The picture of a job that is done; `onlost` where its photo is no longer there. */
async function picture(job) {
  const film = job.result.files.find(isFilm);
  if (film) return h("video", { class: "hung", src: file(job, film), controls: true, loop: true, playsInline: true, ariaLabel: titleOf(job) });
  const url = file(job, shown(job));
  const alone = () => h("img", { class: "hung", src: url, alt: `${KINDS[job.kind]}: ${titleOf(job)}` });
  const { frame, background } = job.request.popart ?? {};
  if (job.kind === "popart" && frame !== "photo" && background !== "keep") return alone(); // a part of the photo does not lie over it
  try {
    const photo = await call(`/api/photos/${job.request.photo}`);
    if (Math.abs(photo.width / photo.height - job.result.width / job.result.height) > 0.01) return alone();
    const { compare } = await import("../compare.js");
    return compare(`/api/photos/${photo.id}/view?longest=${LONGEST}`, url, { labels: ["Photo", KINDS[job.kind]] });
  } catch { return alone(); }
}

function titleField(job) {
  const id = unique("title");
  const input = h("input", { class: "input title-input", id, type: "text", maxLength: 200, value: job.title, placeholder: titleOf(job) });
  input.addEventListener("change", async () => {
    try { await change(job.id, { title: input.value.trim() }); announce("The title is kept."); } catch (error) { toast(error.message, { bad: true }); }
  });
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") input.blur(); });
  return h("div", { class: "field" }, h("label", { htmlFor: id }, "Title"), input);
}

function star(job) {
  const button = h("button", { class: "button icon", type: "button", ariaPressed: String(job.starred), ariaLabel: "Star", onclick: toggle }, icon("star"));
  async function toggle() {
    try {
      const now = await change(job.id, { starred: button.ariaPressed !== "true" });
      button.ariaPressed = String(now.starred);
    } catch (error) { toast(error.message, { bad: true }); }
  }
  button.title = "Starred pictures are never cleared away";
  return button;
}

function downloads(job) {
  const forms = job.result.files.flatMap((form) => (form === "png" && !job.result.files.includes("jpg") && job.kind !== "video" ? ["png"] : [form]));
  return h("section", { class: "card", ariaLabel: "Downloads" }, h("h2", {}, "Download"), h("div", { class: "row" }, ...forms.map((form, index) =>
    h("a", { class: index ? "button" : "button main", href: `${file(job, form)}?download=1`, download: "" }, icon("save"), formOf(form), form === "png" && h("span", { class: "download-note" }, "with recipe")))));
}

function facts(job) {
  const { result } = job;
  const parts = [KINDS[job.kind], when(job.ended || job.made)];
  if (result) parts.push(`${result.width} × ${result.height} px`, `made in ${duration(took(job))}`);
  return h("div", { class: "facts" }, h("p", { class: "small soft numbers" }, parts.join(" · ")),
    result?.likeness && h("p", {}, sentence(result.likeness.words), h("span", { class: "small soft numbers" }, ` (likeness ${Math.round(100 * result.likeness.value)} %)`)),
    result?.interrupted && h("p", { class: "small soft" }, "It was stopped before it was finished, and kept as far as it was."),
    result?.notes.length > 0 && h("ul", { class: "notes small soft" }, ...result.notes.map((note) => h("li", {}, sentence(note)))));
}

/** The palettes of a job, to be seen. */
function swatches(text) {
  const found = specs(text).map((spec) => palette(spec, studio.get("catalogue"))).filter(Boolean);
  return h("span", { class: "recipe-swatches" }, ...found.map(stripes));
}

function recipe(job) {
  const code = h("pre", { tabIndex: 0, ariaLabel: "Recipe as JSON" });
  const copy = h("button", { class: "button small", type: "button", onclick: async () => {
    try { await navigator.clipboard.writeText(code.textContent); announce("Copied."); copy.textContent = "Copied"; } catch { getSelection().selectAllChildren(code); }
  } }, "Copy");
  const json = h("details", { class: "json", ontoggle: async () => {
    if (!json.open || code.textContent) return;
    let found = job.request;
    if (job.state === "done") try { found = await call(`/api/jobs/${job.id}/recipe`); } catch { /* what was asked for must do */ }
    code.textContent = JSON.stringify(found, null, 2);
  } }, h("summary", {}, "As JSON"), code, copy);
  return h("section", { class: "card", ariaLabel: "Recipe" }, h("h2", {}, "How it was made"),
    h("dl", { class: "recipe" }, ...recipeWords(job.request).map(([what, how]) => h("div", {}, h("dt", { class: "soft" }, what), h("dd", {}, how, what === "Palette" && swatches(job.request.popart?.palette))))), json);
}

/** What stands in the picture's place until there is one. */
function unfinished(job) {
  const bar = h("progress", { class: "progress", max: 1, ariaLabel: "Share that is painted" });
  const words = h("p", { class: "numbers" });
  const image = h("img", { class: "hung dim", alt: "", src: thumbOf(job) });
  const element = h("div", { class: "unfinished" }, image, words, bar);
  return { element, show(now) {
    const progress = now.state === "running" ? now.progress : null;
    words.textContent = progress ? `${capital(progress.phase || STATES.running)}, ${Math.round(progress.share * 100)} %${progress.seconds_left === null ? "" : `, ${duration(progress.seconds_left)} left`}` : STATES[now.state];
    bar.hidden = now.state !== "running";
    if (progress) bar.value = progress.share;
    if (progress?.preview) image.src = `/api/jobs/${now.id}/preview?n=${progress.preview}`;
  } };
}

/** Fill `root` with the page of `job`; returns what ends it. */
export function mountDetail(root, job) {
  let state = "";
  let waiting = null;
  const stage = h("section", { class: "stage", ariaLabel: "Picture" });
  const panel = h("section", { class: "panel", ariaLabel: "About the picture" });
  const heading = h("h1", { class: "unseen" }, titleOf(job));
  root.append(h("div", { class: "view history-one" }, h("div", { class: "history-back" }, h("a", { class: "button small plain", href: "#history" }, "← History"), heading), stage, panel));

  const doing = () => [
    h("button", { class: "button grow", type: "button", onclick: () => again(job) }, icon("again"), "Again with …"),
    star(job),
    h("button", { class: "button icon", type: "button", ariaLabel: "Delete", title: "Delete", onclick: () => { remove(job); location.hash = "#history"; } }, icon("trash")),
  ];

  async function draw() {
    const focused = panel.contains(document.activeElement);
    const failed = job.state === "failed" || job.state === "cancelled";
    const why = failed && h("section", { class: "card failed", ariaLabel: "Why there is no picture" }, h("h2", { class: "bad" }, STATES[job.state]),
      h("p", {}, job.error || "It was cancelled before it was finished."), h("div", { class: "row" }, h("button", { class: "button main", type: "button", onclick: () => retry(job) }, icon("again"), "Try again")));
    panel.replaceChildren(...[why, h("section", { class: "card", ariaLabel: "What it is" }, titleField(job), facts(job), h("div", { class: "row" }, ...doing())),
      job.state === "done" && downloads(job), recipe(job)].filter(Boolean));
    if (focused) panel.querySelector("button, a, input")?.focus();
    waiting = null;
    if (job.state === "done") {
      const element = await picture(job);
      stage.replaceChildren(element);
    } else {
      waiting = unfinished(job);
      waiting.show(job);
      stage.replaceChildren(waiting.element);
    }
  }

  return follow(() => {
    job = known(job.id) ?? job;
    heading.textContent = titleOf(job);
    if (state !== job.state) {
      if (state) announce(STATES[job.state]);
      state = job.state;
      draw();
    } else waiting?.show(job);
  });
}
