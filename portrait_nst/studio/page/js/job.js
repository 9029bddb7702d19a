// The bar with the main button: paint, and what becomes of it. On a phone it stays at the lower edge.

import { h, icon } from "./dom.js";
import { forecastOf } from "./forecast.js";
import { about, nameOf, standing, tell, unfinished } from "./jobs.js";
import { follow, followPainting, paint, painting } from "./painting.js";
import { preview } from "./preview.js";
import { recipe, studio } from "./store.js";

export function mountJob(root) {
  const words = h("span", {});
  const button = h("button", { class: "button main grow", type: "button", onclick: () => { if (button.getAttribute("aria-disabled") !== "true") paint(); } }, icon("brush"), words);
  const why = h("p", { class: "bad small", role: "alert" });
  const notes = h("ul", { class: "soft small notes" });
  const learn = h("button", { class: "button small", type: "button", onclick: () => paint({ quality: "instant", learn: true }) }, "Learn it (about three minutes)");
  const work = makeWork();
  const computing = h("span", { class: "computing", role: "status" });
  root.append(work.element, why, h("div", { class: "hints" }, notes, learn), h("div", { class: "row" }, button), computing);

  let turn = 0;
  async function label() {
    const mine = ++turn;
    const found = recipe("stylize");
    const missing = !studio.get("photo") ? "Bring a photo first" : !found ? "Pick a style first" : "";
    button.setAttribute("aria-disabled", String(Boolean(missing) || painting.get("sending")));
    const verb = unfinished().some((job) => !job.batch) ? "Paint this too" : "Paint";
    words.textContent = missing || (painting.get("sending") ? "Asking" : verb);
    if (missing) return;
    try {
      await new Promise((resolve) => setTimeout(resolve, 250));
      if (mine !== turn) return;
      const forecast = await forecastOf(found);
      if (mine === turn && !painting.get("sending")) words.textContent = `${verb} · about ${about(forecast.seconds)}`;
    } catch { /* the preview and the job say what is wrong */ }
  }

  function hints() {
    const learned = studio.get("style").every((one) => studio.get("styles").find((style) => style.id === one.style)?.learned !== false);
    const text = [...new Set(preview.get("notes"))];
    notes.replaceChildren(...text.map((one) => h("li", {}, one)));
    notes.hidden = !text.length || Boolean(studio.get("job"));
    learn.hidden = learned || !recipe("stylize") || unfinished().some((job) => job.request.settings?.learn);
    computing.textContent = preview.get("busy") ? "Preview" : "";
  }

  const complain = () => {
    why.textContent = painting.get("error") || preview.get("error");
    why.hidden = !why.textContent;
  };

  const choices = ["photo", "person", "mask", "style", "movement", "preset", "settings"];
  const ends = [
    followPainting(), studio.on(["jobs", "job", "styles"], work.show),
    studio.on([...choices, "jobs"], label), painting.on(["sending"], label),
    studio.on(choices, () => painting.set({ error: "" })),
    painting.on(["error"], complain), preview.on(["error"], complain),
    preview.on(["notes", "busy"], hints), studio.on(["style", "styles", "job", "jobs", "photo"], hints),
  ];
  return () => { turn++; ends.forEach((end) => end()); };
}

/** The job in work, or mine that waits: its share, its time, and what can be done to it. */
function makeWork() {
  let shown = null;
  const name = h("strong", { class: "cut" });
  const place = h("span", { class: "numbers soft small" });
  const bar = h("progress", { class: "progress", max: 1, ariaLabel: "Share of the painting" });
  const watch = h("button", { class: "button small", type: "button", onclick: () => follow(shown.id) }, "Watch");
  const stop = h("button", { class: "button small", type: "button", onclick: () => { stop.disabled = true; tell(shown, "stop"); } }, icon("stop"), "Stop and keep");
  const cancel = h("button", { class: "button small", type: "button", onclick: () => tell(shown, "cancel") }, icon("close"), "Cancel");
  const others = h("span", { class: "soft small" });
  const element = h("div", { class: "work", role: "group", ariaLabel: "The painting in work" },
    h("div", { class: "row spread work-head" }, name, place), bar, h("div", { class: "row" }, watch, stop, cancel, others));

  function show() {
    const waiting = unfinished();
    const mine = waiting.filter((job) => job.kind === "stylize" && !job.batch);
    const job = mine.find((one) => one.id === studio.get("job")) ?? mine[0];
    element.hidden = !job;
    if (!job) { shown = null; return; }
    if (shown?.id !== job.id || shown.state !== job.state) stop.disabled = false;
    shown = job;
    const runs = job.state === "running";
    name.textContent = nameOf(job);
    place.textContent = standing(job);
    bar.hidden = !runs;
    if (job.progress?.share) bar.value = job.progress.share; else bar.removeAttribute("value");
    // What has no picture yet cannot be kept.
    stop.hidden = !runs || !job.progress?.preview;
    watch.hidden = studio.get("job") === job.id || studio.get("photo")?.id !== job.request.photo;
    others.textContent = waiting.length > 1 ? `and ${waiting.length - 1} more` : "";
  }
  return { element, show };
}
