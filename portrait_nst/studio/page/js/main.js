// The tabs, and what every view needs.

import { call, listen } from "./api.js";
import { announce, clearToasts, toast } from "./dom.js";
import { forget, know, refreshJobs } from "./jobs.js";
import { studio } from "./store.js";
import { watchStudio } from "./lost.js";
import { mountQueue } from "./queue.js";

// Each view is a module with `title` and `mount(main) -> unmount`.
const views = {
  paint: () => import("./views/paint.js"),
  popart: () => import("./views/popart.js"),
  live: () => import("./views/live.js"),
  many: () => import("./views/many.js"),
  history: () => import("./views/history.js"),
};

let leave = null;
let turn = 0;
let stood = ""; // the view that was shown last

async function show() {
  const [, wanted] = location.hash.match(/^#([a-z]+)/) ?? [];
  const name = Object.hasOwn(views, wanted ?? "") ? wanted : "paint";
  const mine = ++turn;
  for (const link of document.querySelectorAll(".tabs a")) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  let view;
  try { view = await views[name](); } catch (error) { toast(`This part of the page cannot be loaded: ${error.message}`, { bad: true }); return; }
  if (mine !== turn) return;
  leave?.();
  if (stood !== name) clearToasts();
  const main = document.getElementById("main");
  main.replaceChildren();
  leave = view.mount(main) ?? null;
  if (stood !== name) scrollTo({ top: 0, behavior: "instant" }); // another room is entered by its door
  stood = name;
  document.title = `${view.title} · Portrait studio`;
  if (turn > 1) { main.focus({ preventScroll: true }); announce(view.title); }
}

async function begin() {
  mountQueue(document.getElementById("queue"));
  addEventListener("hashchange", show);
  // A file that is dropped where nobody takes it must not replace the page.
  for (const name of ["dragover", "drop"]) addEventListener(name, (event) => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault(); });
  document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); document.getElementById("main").focus(); });
  const first = show();
  try {
    const [about, catalogue, styles] = await Promise.all([call("/api/about"), call("/api/settings"), call("/api/styles")]);
    studio.set({ about, catalogue, styles });
    let source = null;
    const hear = () => { source?.close(); source = listen({ job: know, gone: forget, open() { lost.opened(); refreshJobs(); }, lost: () => lost.suspect() }); };
    const lost = watchStudio(document.querySelector(".bar"), hear);
    hear();
  } catch (error) { toast(error.message, { bad: true }); }
  await first;
}

begin();
