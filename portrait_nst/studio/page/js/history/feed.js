// The jobs of this machine, newest first, page by page; what happens meanwhile is merged in.

import { call } from "../api.js";
import { studio } from "../store.js";
import { styleWords } from "../words.js";

const PAGE = 60;

/** Who cancels what waits wants no picture of it in the history. */
const neverBegan = (job) => job.state === "cancelled" && !job.began;
const FILTERS = {
  all: (job) => !neverBegan(job),
  stylize: (job) => job.kind === "stylize" && !neverBegan(job),
  popart: (job) => job.kind === "popart" && !neverBegan(job),
  video: (job) => job.kind === "video" && !neverBegan(job),
  starred: (job) => job.starred,
  failed: (job) => job.state === "failed" || job.state === "cancelled",
};

/** Whether a job is one of `filter`, and every word of `search` stands in its title or style. */
export function fits(job, filter, search) {
  if (!FILTERS[filter](job)) return false;
  const text = `${job.title} ${styleWords(job.request)}`.toLowerCase();
  return search.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/** Kept while the page is open, so that whoever comes back finds the same place. */
const jobs = new Map();
const hidden = new Set(); // to be deleted, unless it is undone
let oldest = null;
let complete = false;
let from = new Map();

function merge(list) { for (const job of list) jobs.set(job.id, job); }

/** The next page; true when there may be more. */
export async function more() {
  if (complete) return false;
  const list = await call(`/api/jobs?limit=${PAGE}${oldest ? `&before=${oldest}` : ""}`);
  const known = list.every((job) => jobs.has(job.id));
  merge(list);
  if (list.length) oldest = list.at(-1).id;
  complete = list.length < PAGE || (known && list.length === 0);
  return !complete;
}

/** All that is known of `filter` and `search`, newest first; those of one batch, which came together, by their titles. */
export function found(filter, search) {
  return [...jobs.values()].filter((job) => !hidden.has(job.id) && fits(job, filter, search)).sort((one, other) => other.made - one.made || one.title.localeCompare(other.title, undefined, { numeric: true }));
}

/** Call `listener` whenever jobs come, change or go; returns what ends it. */
export function follow(listener) {
  return studio.on(["jobs"], () => {
    const now = studio.get("jobs");
    for (const id of from.keys()) if (!now.has(id)) jobs.delete(id);
    from = now;
    merge(now.values());
    listener();
  });
}

export const isComplete = () => complete;
export function hide(id, on) { if (on) hidden.add(id); else hidden.delete(id); }
/** What was deleted stays hidden: the server's word that it is gone may come later than its answer. */
export function forget(id) { jobs.delete(id); }

/** One job, asked for if it is not known. */
export async function one(id) {
  const job = studio.get("jobs").get(id) ?? jobs.get(id) ?? await call(`/api/jobs/${id}`);
  jobs.set(job.id, job);
  return job;
}
export const known = (id) => studio.get("jobs").get(id) ?? jobs.get(id);

/** Change title or star; what comes back is merged. */
export async function change(id, values) {
  const job = await call(`/api/jobs/${id}`, { method: "PATCH", body: values });
  jobs.set(id, job);
  if (studio.get("jobs").has(id)) studio.set({ jobs: new Map(studio.get("jobs")).set(id, job) });
  return job;
}
