// What is known of jobs, in words; and what is done to them.

import { call } from "./api.js";
import { duration, toast } from "./dom.js";
import { studio } from "./store.js";
import { STATES } from "./words.js";

export const isUnfinished = (job) => job.state === "waiting" || job.state === "running";

/** Those that run or wait, the one in work first. */
export function unfinished() {
  return [...studio.get("jobs").values()].filter(isUnfinished).sort((a, b) => (a.place ?? 1e9) - (b.place ?? 1e9) || a.made - b.made);
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
  return STATES[job.state];
}

/** Seconds as people say them: 43 -> "45 s", 170 -> "3 min". */
export function about(seconds) {
  if (seconds < 10) return duration(Math.max(1, seconds));
  if (seconds < 55) return duration(Math.round(seconds / 5) * 5);
  if (seconds < 600) return `${Math.max(1, Math.round(seconds / 30) / 2)} min`.replace(".5 min", "½ min");
  return duration(Math.round(seconds / 60) * 60);
}

export function know(job) { studio.set({ jobs: new Map(studio.get("jobs")).set(job.id, job) }); }

export function forget(id) {
  const jobs = new Map(studio.get("jobs"));
  if (jobs.delete(id)) studio.set({ jobs });
}

/** Take what the server knows of the newest jobs for all that is known. */
export async function refreshJobs() {
  try { studio.set({ jobs: new Map((await call("/api/jobs?limit=200")).map((job) => [job.id, job])) }); } catch (error) { toast(error.message, { bad: true }); }
}

/** stop or cancel; what went wrong is told. */
export async function tell(job, word) {
  try { const now = await call(`/api/jobs/${job.id}/${word}`, { method: "POST" }); if (now?.id) know(now); } catch (error) { toast(error.message, { bad: true }); }
}

export async function star(job, starred) {
  try { know(await call(`/api/jobs/${job.id}`, { method: "PATCH", body: { starred } })); } catch (error) { toast(error.message, { bad: true }); }
}
