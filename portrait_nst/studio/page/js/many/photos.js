// Many photos with one recipe: brought, looked over, forecast, started.

import { call } from "../api.js";
import { announce, duration, h, icon, toast } from "../dom.js";
import { PICTURES } from "../photo.js";
import { choice } from "../popart/knobs.js";
import { studio } from "../store.js";
import { mountBatches } from "./batches.js";
import { dropZone, recipeBox, sharedRecipe } from "./shared.js";
import { dropped, isPicture, uploads } from "./uploads.js";

// Kept while the page is open, so that one may go to Paint for the style and come back.
const photos = uploads();
const chosen = { kind: "stylize", whom: "all" };
const MOST = 1000;

function row(item) {
  const picture = h("span", { class: "upload-picture" });
  const words = h("span", { class: "small soft upload-words" });
  const bar = h("progress", { class: "progress", max: 1, ariaLabel: `${item.name} on its way` });
  const again = h("button", { class: "button small", type: "button", ariaLabel: `Try ${item.name} again`, onclick: () => photos.again(item) }, "Try again");
  const remove = h("button", { class: "button plain icon", type: "button", ariaLabel: `Remove ${item.name}`, onclick: () => photos.remove(item) }, icon("close"));
  const element = h("li", { class: "upload" }, picture, h("span", { class: "grow" }, h("b", { class: "cut" }, item.name), words, bar), again, remove);
  return { element, show() {
    const { state, thing, error, share } = item;
    bar.hidden = state !== "sending";
    bar.value = share;
    again.hidden = state !== "failed";
    words.classList.toggle("bad", state === "failed");
    words.classList.toggle("soft", state !== "failed");
    const first = item.same;
    words.textContent = first ? `Same picture as ${first.name}: painted once` : state === "here" ? `${thing.width} × ${thing.height} px` : state === "failed" ? error : state === "waiting" ? "Waits" : share < 1 ? "" : "Is looked at …";
    if (thing && !picture.firstChild) picture.append(h("img", { src: `/api/photos/${thing.id}/view?longest=160`, alt: "", loading: "lazy" }));
  } };
}

/** Fill `root`; returns what ends it. */
export function mountPhotos(root) {
  const rows = new Map();
  const bring = (files) => {
    const pictures = files.filter(isPicture);
    const room = MOST - photos.items().length;
    if (files.length > pictures.length) toast(files.length - pictures.length === 1 ? "One file is no picture, and was left out." : `${files.length - pictures.length} files are no pictures, and were left out.`);
    if (pictures.length > room) toast(`A batch has ${MOST} photos at most; the others were left out.`, { bad: true });
    photos.add(pictures.slice(0, Math.max(0, room)));
    if (pictures.length) announce(`${pictures.length} photos are on their way.`);
  };
  const zone = dropZone({ sign: "person", heading: "Many portraits at once", about: "Drop photos or a whole folder anywhere in this window. All are painted in the same way.", button: "Choose photos", accept: PICTURES, multiple: true, folder: true, label: "Photo files", onfiles: bring, take: async (transfer) => bring(await dropped(transfer)) });
  const count = h("h2", {});
  const list = h("ul", { class: "uploads", ariaLabel: "Photos" });
  const listed = h("section", { class: "card", ariaLabel: "Photos of the batch" }, h("div", { class: "row spread" }, count, h("div", { class: "row" },
    h("button", { class: "button small", type: "button", onclick: zone.choose }, icon("add"), "More photos"), h("button", { class: "button small plain", type: "button", onclick: () => photos.clear() }, "Remove all"))), list);

  const kind = choice("What is made", [["stylize", "Paintings"], ["popart", "Pop art"]], (word) => { chosen.kind = word; draw(); });
  const whom = choice("Whom to paint", [["all", "Everybody"], ["largest", "The largest person"]], (word) => { chosen.whom = word; draw(); });
  const recipe = h("div", { class: "recipe-box" });
  const forecast = h("p", { class: "soft numbers", role: "status" });
  const start = h("button", { class: "button main", type: "button", onclick: begin }, icon("brush"), h("span", {}));
  const panel = h("section", { class: "panel", ariaLabel: "Recipe of the batch" }, h("section", { class: "card", ariaLabel: "Recipe" }, kind.element, recipe, whom.element), h("div", { class: "start-bar" }, forecast, start));
  const batches = h("div", { class: "batches" });
  root.append(h("div", { class: "view many-photos" }, h("section", { class: "many-left", ariaLabel: "Photos" }, zone.element, listed, batches), panel));
  const shown = mountBatches(batches);

  let asked = "";
  async function foresee() {
    const shared = sharedRecipe(chosen.kind, chosen.whom);
    const things = photos.things();
    if (!shared || !things.length) { forecast.textContent = ""; asked = ""; return; }
    const body = { ...shared, photo: things[0].id };
    const key = JSON.stringify(body);
    const say = (seconds) => { forecast.textContent = `About ${duration(seconds * things.length)} for ${things.length === 1 ? "one photo" : `${things.length} photos`}, one after the other.`; };
    if (asked === key && foresee.seconds) { say(foresee.seconds); return; }
    asked = key;
    try {
      const { seconds } = await call("/api/forecasts", { method: "POST", body });
      if (asked !== key) return;
      foresee.seconds = seconds;
      say(seconds);
    } catch (error) { if (asked === key) forecast.textContent = error.message; }
  }

  async function begin() {
    const things = photos.things();
    start.disabled = true;
    try {
      const batch = await call("/api/batches", { method: "POST", body: { ...sharedRecipe(chosen.kind, chosen.whom), photo: things[0].id, photos: things.map(({ id }) => id) } });
      photos.clear();
      announce(`The batch of ${things.length} photos has begun.`);
      await shown.open(batch);
    } catch (error) { toast(error.message, { bad: true }); }
    draw();
  }

  function draw() {
    const items = photos.items();
    zone.element.hidden = items.length > 0;
    listed.hidden = !items.length;
    for (const item of [...rows.keys()]) if (!items.includes(item)) rows.delete(item);
    for (const item of items) if (!rows.has(item)) rows.set(item, row(item));
    const elements = items.map((item) => rows.get(item).element);
    if (elements.length !== list.children.length || elements.some((element, index) => element !== list.children[index])) list.replaceChildren(...elements);
    for (const item of items) rows.get(item).show();
    summary();
  }

  function summary() {
    const items = photos.items();
    const failed = items.filter(({ state }) => state === "failed").length;
    const here = photos.things().length;
    for (const item of photos.findSame()) rows.get(item)?.show();
    const same = items.filter((item) => item.same).length;
    const number = items.length - same;
    count.textContent = `${number === 1 ? "One photo" : `${number} photos`}${failed ? `, ${failed} not read` : ""}${same ? ` (${same === 1 ? "one more file is" : `${same} more files are`} the same)` : ""}`;
    const shared = sharedRecipe(chosen.kind, chosen.whom);
    kind.show(chosen.kind);
    whom.show(chosen.whom);
    const focused = recipe.contains(document.activeElement);
    recipe.replaceChildren(...recipeBox(shared, chosen.kind));
    if (focused) recipe.querySelector("a")?.focus();
    start.disabled = !shared || !here || photos.unfinished();
    start.lastChild.textContent = photos.unfinished() ? "Photos are on their way …" : here ? `Paint ${here === 1 ? "one photo" : `${here} photos`}` : "Paint";
    panel.hidden = false;
    foresee();
  }

  let told = "";
  /** The first file that is refused comes into view, with its reason; the others stand in the list. */
  function refused() {
    const bad = photos.items().filter(({ state }) => state === "failed");
    const now = bad.map(({ name, error }) => `${name}: ${error}`).join("\n");
    if (bad.length && now !== told && !photos.unfinished()) {
      rows.get(bad[0])?.element.scrollIntoView({ block: "center" });
      announce(bad.length === 1 ? now : `${bad.length} photos were not taken. ${now.split("\n")[0]}`);
    }
    if (!photos.unfinished()) told = now;
  }

  photos.listen((item) => { if (item?.state === "failed" || item?.state === "here") refused(); if (item && rows.has(item)) { rows.get(item).show(); if (item.state !== "sending") summary(); } else draw(); });
  const off = studio.on(["style", "movement", "preset", "settings", "popart", "paletteFrom", "asPopart", "catalogue", "styles"], draw);
  return () => { off(); photos.listen(() => {}); zone.end(); shown.end(); };
}
