// The bar with the main button: paint, and what becomes of it. On a phone it stays at the lower edge.

import { refused } from "./choices.js";
import { h, icon } from "./dom.js";
import { sameAs } from "./equal.js";
import { forecastOf, times } from "./forecast.js";
import { about, standing, tell, unfinished } from "./jobs.js";
import { followPainting, paint, painting, resultUrl, toTop, watch as watchJob } from "./painting.js";
import { preview } from "./preview.js";
import { recipe, studio } from "./store.js";
import { titleOf } from "./words.js";

export function mountJob(root) {
  const words = h("span", {});
  const button = h("button", { class: "button main grow", type: "button", onclick: () => { if (button.getAttribute("aria-disabled") !== "true") paint(isDone() ? { seed: Math.floor(Math.random() * 1e6) } : {}); } }, icon("brush"), words);
  const save = h("a", { class: "button icon", download: "", ariaLabel: "Save the picture", title: "Save the picture" }, icon("save"));
  const why = h("p", { class: "bad small", role: "alert" });
  const again = h("p", { class: "small soft", hidden: true }, "Equal settings give the very same picture, so another one begins from another chance.");
  const work = makeWork();
  const ready = makeReady();
  root.append(ready.element, ...work.elements, why, h("div", { class: "row paint-row" }, save, button), again);

  let turn = 0;
  let time = "";
  const isDone = () => Boolean(sameAs(recipe("stylize"), [...studio.get("jobs").values()].filter(({ state }) => state === "done")));
  function label() {
    const missing = !studio.get("photo") ? "Bring a photo first" : !recipe("stylize") ? "Pick a style first" : "";
    const sending = painting.get("sending");
    button.setAttribute("aria-disabled", String(Boolean(missing) || sending));
    const waits = sameAs(recipe("stylize"), unfinished());
    again.hidden = Boolean(missing) || sending || Boolean(waits) || !isDone();
    const verb = !again.hidden ? "Paint another one" : unfinished().some((job) => !job.batch) ? "Paint this too" : "Paint";
    words.textContent = missing || (sending ? "Asking …" : waits ? (waits.state === "running" ? "This is being painted" : "This is in the queue already") : `${verb}${time}`);
  }

  async function forecast() {
    const mine = ++turn;
    const found = recipe("stylize");
    if (!found) { time = ""; label(); return; }
    await new Promise((resolve) => setTimeout(resolve, 250)); // while a knob turns, nobody asks
    if (mine !== turn) return;
    try {
      const { seconds } = await forecastOf(found);
      if (mine === turn) time = ` · about ${about(seconds)}`;
    } catch { if (mine === turn) time = ""; } // the preview and the job say what is wrong
    if (mine === turn) label();
  }

  function saved() {
    const job = studio.get("jobs").get(studio.get("job"));
    save.hidden = job?.state !== "done";
    if (!save.hidden) save.href = `${resultUrl(job)}?download=1`;
  }

  const complain = () => {
    // What a preview complains of stands at its setting, if it is about one.
    const people = studio.get("people");
    const isTold = people && !people.people.length && !studio.get("mask") && studio.get("person") !== "picture"; // below the photo, with what to do
    why.textContent = painting.get("error") || (refused.get("field") || isTold ? "" : preview.get("error"));
    why.hidden = !why.textContent;
  };

  const choices = ["photo", "person", "mask", "style", "movement", "preset", "settings"];
  const ends = [
    followPainting(), studio.on(["jobs", "job", "styles", "photo"], work.show), studio.on(["jobs", "job"], ready.show), studio.on(["jobs", "job"], saved), ready.end,
    studio.on([...choices, "jobs"], label), studio.on(choices, forecast), times.on(["known"], forecast), painting.on(["sending"], label),
    studio.on(choices, () => painting.set({ error: "" })),
    painting.on(["error"], complain), preview.on(["error"], complain), refused.on(["field"], complain), studio.on(["people", "person", "mask"], complain),
  ];
  return () => { turn++; ends.forEach((end) => end()); };
}

/** The painting in work and the one that the stage waits for: share, time, place, and what can be done to them. */
function makeWork() {
  let shown = null;
  let next = null;
  const name = h("strong", { class: "cut" });
  const place = h("span", { class: "numbers soft small" });
  const bar = h("progress", { class: "progress", max: 1, ariaLabel: "Share of the painting" });
  const watch = h("button", { class: "button small", type: "button", onclick: () => watchJob(shown) }, "Watch");
  const stop = h("button", { class: "button small", type: "button", onclick: () => { stop.disabled = true; tell(shown, "stop"); } }, icon("stop"), "Stop and keep");
  const cancel = h("button", { class: "button small", type: "button", onclick: () => tell(shown, "cancel") }, icon("close"), "Cancel");
  const running = h("div", { class: "work", role: "group", ariaLabel: "The painting in work" },
    h("div", { class: "row spread work-head" }, name, place), bar, h("div", { class: "row" }, watch, stop, cancel));
  const waits = h("span", { class: "grow small numbers" });
  const cancelNext = h("button", { class: "button small", type: "button", onclick: () => tell(next, "cancel") }, icon("close"), "Cancel");
  const waiting = h("div", { class: "row work-next", role: "group", ariaLabel: "The painting that waits" }, waits, cancelNext);

  function show() {
    const mine = unfinished().filter((job) => job.kind === "stylize" && !job.batch);
    const before = shown;
    shown = mine.find((job) => job.state === "running") ?? null;
    const queued = mine.filter((job) => job.state === "waiting");
    next = queued.find((job) => job.id === studio.get("job")) ?? queued[0] ?? null;
    running.hidden = !shown;
    waiting.hidden = !next;
    if (next) {
      waits.textContent = `${titleOf(next)}: ${standing(next)}${queued.length > 1 ? ` (and ${queued.length - 1} more)` : ""}`;
      cancelNext.setAttribute("aria-label", `Cancel ${titleOf(next)}, which waits`);
    }
    if (!shown) return;
    if (before?.id !== shown.id) stop.disabled = false;
    name.textContent = titleOf(shown);
    place.textContent = standing(shown);
    if (shown.progress?.share) bar.value = shown.progress.share; else bar.removeAttribute("value");
    stop.hidden = !shown.progress?.preview; // without a picture there is nothing to keep
    watch.hidden = studio.get("job") === shown.id;
  }
  return { elements: [running, waiting], show };
}

/** Says that the picture is done while its card is out of sight. */
function makeReady() {
  const element = h("button", { class: "button small ready", type: "button", hidden: true, onclick: toTop }, icon("check"), "Your picture is done: show it");
  const show = () => {
    const isDone = studio.get("jobs").get(studio.get("job"))?.state === "done";
    const stage = document.querySelector(".stage .picture")?.getBoundingClientRect();
    const isSeen = stage && stage.top < innerHeight * 0.5 && stage.bottom > innerHeight * 0.35; // on a desktop it stands beside
    element.hidden = !isDone || isSeen || Math.max(scrollY, element.closest(".panel")?.scrollTop ?? 0) < 240;
  };
  const how = { passive: true, capture: true }; // the panel's own scrolling does not bubble
  addEventListener("scroll", show, how);
  return { element, show, end: () => removeEventListener("scroll", show, how) };
}
