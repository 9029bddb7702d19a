// Batches in work and of before: progress overall and of each, cancelling the rest, and all pictures as a ZIP.

import { call } from "../api.js";
import { announce, h, icon, toast } from "../dom.js";
import { card, face } from "../history/card.js";
import { isUnfinished } from "../jobs.js";
import { studio } from "../store.js";
import { capital, STATES, when } from "../words.js";

const sum = (counts) => Object.values(counts).reduce((total, count) => total + count, 0);

function countWords(counts) {
  return ["done", "running", "waiting", "failed", "cancelled"].filter((state) => counts[state]).map((state) => `${counts[state]} ${STATES[state].toLowerCase()}`).join(", ");
}

const zip = (batch) => h("a", { class: "button small", href: `/api/batches/${batch.id}.zip`, download: "", ariaLabel: `All pictures of ${nameOf(batch)} as ZIP` }, icon("save"), "All as ZIP");
const nameOf = (batch) => batch.title || `Batch of ${when(batch.made)}`;

/** One batch, followed until it is finished. */
function followed(batch) {
  let jobs = new Map();
  const cards = new Map();
  let told = 0;
  const bar = h("progress", { class: "progress", max: 1, ariaLabel: "Share of the batch that is done" });
  const words = h("p", { class: "numbers" });
  const cancel = h("button", { class: "button small", type: "button", onclick: stop }, icon("stop"), "Cancel the rest");
  const download = zip(batch);
  const list = h("ul", { class: "shots batch-shots", ariaLabel: "Pictures of the batch" });
  const element = h("section", { class: "card", ariaLabel: nameOf(batch) }, h("div", { class: "row spread" }, h("h2", { class: "cut grow" }, nameOf(batch)), h("div", { class: "row" }, cancel, download)), words, bar, list);

  async function stop() {
    cancel.disabled = true;
    try { await call(`/api/batches/${batch.id}/cancel`, { method: "POST" }); announce("The rest of the batch is cancelled."); } catch (error) { toast(error.message, { bad: true }); }
    cancel.disabled = false;
  }

  function draw() {
    const now = studio.get("jobs");
    const all = batch.jobs.map((id) => now.get(id) ?? jobs.get(id)).filter(Boolean);
    for (const job of all) jobs.set(job.id, job);
    const counts = {};
    for (const job of all) counts[job.state] = (counts[job.state] ?? 0) + 1;
    const total = batch.jobs.length;
    const finished = all.filter((job) => !isUnfinished(job)).length;
    const share = (finished + all.reduce((part, job) => part + (job.state === "running" ? job.progress?.share ?? 0 : 0), 0)) / Math.max(1, total);
    bar.value = share;
    bar.hidden = finished === total;
    cancel.hidden = finished === total;
    download.hidden = !counts.done;
    words.textContent = all.length ? capital(countWords(counts)) : "Looking …";
    const elements = all.map((job) => {
      const known = cards.get(job.id);
      if (known?.face === face(job)) return known.element;
      const fresh = card(job);
      if (known?.element.contains(document.activeElement)) requestAnimationFrame(() => fresh.querySelector("a")?.focus());
      cards.set(job.id, { element: fresh, face: face(job) });
      return fresh;
    });
    if (elements.length !== list.children.length || elements.some((one, index) => one !== list.children[index])) list.replaceChildren(...elements);
    // Said in tenths, or each picture of a small batch.
    const step = Math.floor((finished / total) * Math.min(10, total));
    if (finished && step > told) { told = step; announce(finished === total ? `The batch is finished: ${countWords(counts)}.` : `${finished} of ${total} pictures are finished.`); }
  }

  async function load() {
    const found = await call(`/api/jobs?batch=${batch.id}&limit=1000`);
    jobs = new Map(found.map((job) => [job.id, job]));
    const total = batch.jobs.length;
    told = Math.floor((found.filter((job) => !isUnfinished(job)).length / total) * Math.min(10, total));
    draw();
  }
  const off = studio.on(["jobs"], draw);
  load().catch((error) => { words.textContent = error.message; });
  return { element, end: off };
}

/** Fill `root` with the batches; returns {open(batch), end()}. */
export function mountBatches(root) {
  let open = new Map();
  let ended = false;
  const current = h("div", { class: "batches-open" });
  const earlier = h("ul", { class: "batch-list", ariaLabel: "Batches of before" });
  const card = h("section", { class: "card", ariaLabel: "Batches of before", hidden: true }, h("h2", {}, "Batches of before"), earlier);
  root.append(current, card);

  function show(batch, focus = true) {
    if (!open.has(batch.id)) {
      const one = followed(batch);
      open.set(batch.id, one);
      current.prepend(one.element);
    }
    if (focus) open.get(batch.id).element.scrollIntoView({ block: "nearest" });
  }

  function line(batch) {
    return h("li", { class: "batch-line" }, h("span", { class: "grow" }, h("b", { class: "cut" }, nameOf(batch)), h("span", { class: "small soft numbers" }, `${sum(batch.counts) === 1 ? "One photo" : `${sum(batch.counts)} photos`} · ${countWords(batch.counts)} · ${when(batch.made)}`)),
      h("button", { class: "button small", type: "button", ariaLabel: `Show ${nameOf(batch)}`, onclick: (event) => { show(batch); event.target.closest("li").remove(); card.hidden = !earlier.children.length; } }, "Show"), batch.counts.done > 0 && zip(batch));
  }

  async function list() {
    let batches;
    try { batches = await call("/api/batches"); } catch (error) { toast(error.message, { bad: true }); return; }
    if (ended) return;
    for (const batch of [...batches].reverse()) if ((batch.counts.waiting || batch.counts.running)) show(batch, false);
    const rest = batches.filter((batch) => !open.has(batch.id));
    earlier.replaceChildren(...rest.map(line));
    card.hidden = !rest.length;
  }
  list();
  return { open: async (batch) => show(batch), end() { ended = true; for (const one of open.values()) one.end(); open = new Map(); } };
}
