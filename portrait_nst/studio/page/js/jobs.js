// What is known of jobs, in words; and what is done to them.

import { call } from "./api.js";
import { duration, toast } from "./dom.js";
import { studio } from "./store.js";

export const isUnfinished = (job) => job.state === "waiting" || job.state === "running";

/** Those that run or wait, the one in work first. */
export function unfinished() {
  return [...studio.get("jobs").values()].filter(isUnfinished).sort((a, b) => (a.place ?? 1e9) - (b.place ?? 1e9) || a.made - b.made);
}

/** What a job is called: its own title, else its styles. */
export function nameOf(job) {
  if (job.title) return job.title;
  const styles = job.request.style?.map((one) => studio.get("styles").find((style) => style.id === one.style)?.title ?? "a removed style") ?? [];
  if (styles.length) return styles.join(" + ");
  return job.request.movement?.name ?? (job.kind === "popart" ? "Pop art" : job.kind === "video" ? "A film" : "A painting");
}

const ordinal = (n) => `${n}${n % 100 > 10 && n % 100 < 14 ? "th" : ["th", "st", "nd", "rd"][n % 10] ?? "th"}`;

/** "38 % · 24 s left", "2nd in line, starts in about 3 min". */
export function standing(job) {
  if (job.state === "running") {
    const { share = 0, seconds_left: left = null, phase = "" } = job.progress ?? {};
    if (!share) return phase || "Beginning";
    return `${Math.round(share * 100)} %${left === null ? "" : ` · ${duration(left)} left`}`;
  }
  if (job.state === "waiting" && job.progress?.phase) return job.progress.phase; // as that the disk is full
  if (job.state === "waiting") {
    const place = job.place === null || job.place <= 1 ? "Next in line" : `${ordinal(job.place)} in line`;
    return job.starts_in === null ? place : `${place}, starts in about ${about(job.starts_in)}`;
  }
  return { done: "Done", failed: "Failed", cancelled: "Cancelled" }[job.state];
}

/** Seconds as people say them: 43 -> "45 s", 170 -> "3 min". */
export function about(seconds) {
  if (seconds < 10) return duration(Math.max(1, seconds));
  if (seconds < 55) return duration(Math.round(seconds / 5) * 5);
  if (seconds < 600) return `${Math.max(1, Math.round(seconds / 30) / 2)} min`.replace(".5 min", "½ min");
  return duration(Math.round(seconds / 60) * 60);
}

export function know(job) { studio.set({ jobs: new Map(studio.get("jobs")).set(job.id, job) }); }

/** stop or cancel; what went wrong is told. */
export async function tell(job, word) {
  try { const now = await call(`/api/jobs/${job.id}/${word}`, { method: "POST" }); if (now?.id) know(now); } catch (error) { toast(error.message, { bad: true }); }
}

export async function star(job, starred) {
  try { know(await call(`/api/jobs/${job.id}`, { method: "PATCH", body: { starred } })); } catch (error) { toast(error.message, { bad: true }); }
}
