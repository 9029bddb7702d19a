// A painting's way: asked for, followed on the stage while it is made, shown when it is done; found again after a reload.

import { call } from "./api.js";
import { refused } from "./choices.js";
import { announce, toast } from "./dom.js";
import { refreshStyles } from "./styles/own.js";
import { sameAs } from "./equal.js";
import { isUnfinished, know, unfinished } from "./jobs.js";
import { recall } from "./recall.js";
import { recipe, studio, store } from "./store.js";
import { titleOf } from "./words.js";

/** sending: a job is on its way to the server. error: why it was refused. last: the id of the newest picture that is done. */
export const painting = store({ sending: false, error: "", last: null });

/** Ask for a painting of what is chosen; the stage follows it. changes: settings for this one only. */
export async function paint(changes = {}) {
  const found = recipe("stylize");
  if (!found || painting.get("sending")) return;
  const same = sameAs({ ...found, settings: { ...found.settings, ...changes } }, unfinished());
  if (same) { // one is enough: it is shown instead
    follow(same.id);
    announce("This very picture is in the queue already");
    return;
  }
  painting.set({ sending: true, error: "" });
  refused.set({ field: "", error: "", asked: false });
  try {
    const job = await call("/api/jobs", { method: "POST", body: { ...found, settings: { ...found.settings, ...changes } } });
    const watched = studio.get("jobs").get(studio.get("job"));
    know(job);
    // What is on the stage goes on until it is done.
    if (!watched || !isUnfinished(watched)) follow(job.id);
    announce("The painting was asked for");
    toTop();
  } catch (error) {
    painting.set({ error: error.message });
    refused.set({ field: error.field ?? "", error: error.field ? error.message : "", asked: true });
  }
  painting.set({ sending: false });
}

/** To the stage and what stands beside it. */
export function toTop() {
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
  for (const place of [window, document.querySelector(".panel")]) place?.scrollTo({ top: 0, behavior }); // on a desktop the panel scrolls, on a phone the page
}

/** Let the stage show this job: what there is of it, and what comes. A reload of this page will find it. */
export function follow(id) {
  try { sessionStorage.setItem(FOLLOWED, id); } catch { /* then a reload does not find it */ }
  shownOf = "";
  studio.set({ job: id });
  show();
}

const FOLLOWED = "studio.followed";
const remembered = () => { try { return sessionStorage.getItem(FOLLOWED); } catch { return null; } };
let shownOf = ""; // job and number of the picture that stands on the stage

function show() {
  const job = studio.get("jobs").get(studio.get("job"));
  if (!job) return;
  const number = job.state === "done" ? "done" : job.state === "running" ? job.progress?.preview ?? 0 : 0;
  const mark = `${job.id} ${number}`;
  if (!number || mark === shownOf) return;
  shownOf = mark;
  const shown = number === "done"
    ? { kind: "result", url: resultUrl(job), job: job.id, notes: job.result.notes }
    : { kind: "preview", url: `/api/jobs/${job.id}/preview?number=${number}`, job: job.id, notes: [] };
  studio.set({ shown });
}

/** The result's picture as a page shows it. */
export function resultUrl(job, form = pictureForm(job)) { return `/api/jobs/${job.id}/result.${form}`; }
export const pictureForm = (job) => (job.result.files.includes("png") ? "png" : job.result.files[0]);

const states = new Map(); // id -> the state in which a job was last seen

function ended(job) {
  if (job.state === "done") {
    painting.set({ last: job.id });
    if (job.request.settings?.learn) refreshStyles().catch(() => {});
    if (studio.get("job") === job.id) announce(`The picture is painted. ${job.result.likeness?.words ?? ""}`);
    else toast(`${titleOf(job)} is painted.`, { action: { label: "Show it", run: () => { location.hash = "#paint"; watch(job); } } });
  } else if (job.state === "failed") {
    if (studio.get("job") === job.id) painting.set({ error: job.error });
    else toast(`${titleOf(job)}: ${job.error}`, { bad: true });
  }
}

/** Follow a job of any photo: what it was asked for is chosen again. */
export async function watch(job) {
  // Where its photo is gone, the picture is there all the same.
  try { if (studio.get("photo")?.id !== job.request.photo) await recall(job.request); } catch { /* told by its absence */ }
  follow(job.id);
}

let looked = false; // whether the job that was followed was looked for since the page was loaded

/** Follow jobs; returns what ends it. */
export function followPainting() {
  const end = studio.on(["jobs", "job"], () => {
    for (const job of studio.get("jobs").values()) {
      if (job.kind !== "stylize" || job.batch) continue;
      const before = states.get(job.id);
      states.set(job.id, job.state);
      if (before && before !== job.state && !isUnfinished(job)) ended(job);
    }
    if (!looked && studio.get("jobs").size) {
      looked = true;
      const mine = studio.get("jobs").get(remembered());
      if (mine && (isUnfinished(mine) || mine.state === "done") && !studio.get("job") && !studio.get("photo")) watch(mine);
    }
    show();
  });
  return end;
}
