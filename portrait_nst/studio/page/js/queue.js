// What is painted and what waits, in the bar of every view: a button that opens the list.

import { announce, h, icon } from "./dom.js";
import { about, standing, tell, unfinished } from "./jobs.js";
import { studio } from "./store.js";
import { KINDS, titleOf } from "./words.js";

/** Seconds until everything is done, or null where that is not known. */
function left(jobs) {
  let sum = 0;
  for (const job of jobs) {
    const one = job.state === "running" ? job.progress?.seconds_left : job.forecast?.seconds;
    if (one === null || one === undefined) return null;
    sum += one;
  }
  return sum;
}

export function mountQueue(root) {
  const words = h("span", { class: "numbers" });
  const unit = h("span", { class: "queue-unit" }, " in work");
  const list = h("ul", { class: "queue-list" });
  const empty = h("p", { class: "soft" }, "Nothing waits to be painted.");
  const all = h("button", { class: "button small", type: "button", hidden: true, onclick: cancelAll }, icon("close"), "Cancel all that wait");
  async function cancelAll() {
    all.disabled = true;
    // The last first, so that the painter begins none meanwhile.
    for (const job of unfinished().filter(({ state }) => state === "waiting").reverse()) await tell(job, "cancel");
    all.disabled = false;
    announce("Nothing waits any more.");
    pop.focus();
  }
  const pop = h("div", { class: "queue-pop", popover: "auto", role: "dialog", tabIndex: -1, ariaLabel: "Queue" }, h("h2", {}, "Queue"), empty, list, all);
  const button = h("button", { class: "button small queue-button", type: "button" }, h("span", { class: "queue-dot" }), words);
  button.popoverTargetElement = pop;
  root.replaceChildren(button, pop);
  const rows = new Map();
  // An empty queue needs no button; but what is open or has the focus stays.
  const rest = () => { button.hidden = !unfinished().length && !pop.matches(":popover-open") && document.activeElement !== button; };
  pop.addEventListener("toggle", rest);
  button.addEventListener("blur", rest);

  function makeRow(job) {
    const name = h("strong", { class: "cut" });
    const place = h("span", { class: "soft small numbers" });
    const bar = h("progress", { class: "progress", max: 1, ariaLabel: `Share of ${titleOf(job)}` });
    const cancel = h("button", { class: "button small icon", type: "button", ariaLabel: `Cancel ${titleOf(job)}`, onclick: () => tell(job, "cancel") }, icon("close"));
    const element = h("li", { class: "queue-row" }, h("div", { class: "grow" }, name, place, bar), cancel);
    return { element, show(now) {
      name.textContent = `${titleOf(now)}${now.title || now.kind === "stylize" ? "" : ` (${KINDS[now.kind].toLowerCase()})`}`;
      place.textContent = standing(now);
      bar.hidden = now.state !== "running";
      if (now.progress?.share) bar.value = now.progress.share; else bar.removeAttribute("value");
    } };
  }

  studio.on(["jobs", "styles"], () => {
    const jobs = unfinished();
    const ids = new Set(jobs.map((job) => job.id));
    for (const [id, row] of rows) if (!ids.has(id)) { row.element.remove(); rows.delete(id); }
    jobs.forEach((job, index) => {
      if (!rows.has(job.id)) rows.set(job.id, makeRow(job));
      const row = rows.get(job.id);
      row.show(job);
      if (list.children[index] !== row.element) list.insertBefore(row.element, list.children[index] ?? null);
    });
    const time = left(jobs);
    rest();
    empty.hidden = Boolean(jobs.length);
    all.hidden = jobs.filter(({ state }) => state === "waiting").length < 2;
    button.classList.toggle("busy", Boolean(jobs.length));
    words.replaceChildren(...(jobs.length ? [String(jobs.length), unit, time === null ? "" : ` · ${about(time)}`] : ["Queue"]));
    button.setAttribute("aria-label", jobs.length ? `Queue: ${jobs.length} in work${time === null ? "" : `, ${about(time)} left`}` : "Queue: nothing in work");
  });
}
