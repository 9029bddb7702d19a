// Deleting: what is deleted is gone from sight at once, and from the disk after some seconds in which it can be undone.

import { call } from "../api.js";
import { toast } from "../dom.js";
import { studio } from "../store.js";
import { forget, hide } from "./feed.js";
import { titleOf } from "../words.js";

const SECONDS = 8;
const waiting = new Map();

async function erase(id) {
  clearTimeout(waiting.get(id));
  waiting.delete(id);
  try {
    await call(`/api/jobs/${id}`, { method: "DELETE" });
    forget(id);
  } catch (error) {
    hide(id, false);
    toast(error.message, { bad: true });
  }
  tell();
}

function tell() { studio.set({ jobs: new Map(studio.get("jobs")) }); }

export function remove(job) {
  hide(job.id, true);
  waiting.set(job.id, setTimeout(() => erase(job.id), SECONDS * 1000));
  tell();
  toast(`“${titleOf(job)}” is deleted.`, { action: { label: "Undo", run() {
    if (!waiting.has(job.id)) { toast("It is too late: it was deleted already.", { bad: true }); return; }
    clearTimeout(waiting.get(job.id));
    waiting.delete(job.id);
    hide(job.id, false);
    tell();
  } } });
}

// Who leaves the page means it.
addEventListener("pagehide", () => {
  for (const id of waiting.keys()) fetch(`/api/jobs/${id}`, { method: "DELETE", keepalive: true });
});
