// The picture: the photo with its people, the preview, the painting in the making, and the result beside the photo.

import { h, icon, toast } from "./dom.js";
import { maskOutline } from "./matte/outline.js";
import { findPeople, nobody, outlines, whom } from "./people.js";
import { preview } from "./preview.js";
import { invitation, photoDoor } from "./photo.js";
import { made, photoWords } from "./shown.js";
import { studio } from "./store.js";

const SIZE = 1600;
const masks = new Map(); // photo -> the mask that was made for it last, which can be chosen again

/**
 * Mount the stage into `root` (an element that gets the class `stage`); returns what unmounts it.
 * people: whether people can be chosen and the mask be corrected.
 */
export function mountStage(root, { people = true } = {}) {
  root.classList.add("stage");
  const door = photoDoor();
  const picture = h("div", { class: "picture" });
  const computing = h("span", { class: "computing", ariaHidden: "true" });
  const caption = h("figcaption", { class: "caption small soft numbers" });
  const flipWords = h("span", {});
  const flip = h("button", { class: "button small", type: "button", onclick: () => { looksAt = looksAt === "photo" ? "new" : "photo"; drawPicture(); } }, icon("swap"), flipWords);
  const frame = h("figure", { class: "frame", tabIndex: -1 }, h("div", { class: "picture-place" }, picture, computing), h("div", { class: "caption-row" }, caption, flip));
  const below = h("div", { class: "below" });
  const place = h("div", { class: "stage-place" });
  root.append(...door.parts, h("div", { class: "stage-hold" }, door.status, place));

  let asking = null;      // the question who is in the photo
  let askedFor = null;
  let shapeOf = null;     // the mask whose outline is known, or asked for
  let maskShape = null;
  let looksAt = "new";    // "new": what was made; "photo"
  let overlay = null;
  let drawn = "";         // what the picture and the outlines over it show
  let outlined = "";

  const group = whom({ onlight: (key) => overlay?.light(key), mask: () => masks.get(studio.get("photo")?.id) });
  const correct = h("button", { class: "button small", type: "button", onclick: openEditor }, icon("brush"), "Correct the mask");
  const actions = h("div", { class: "row actions" }, people && correct,
    h("button", { class: "button small", type: "button", onclick: door.choose }, icon("open"), "Another photo"),
    h("button", { class: "button small icon", type: "button", ariaLabel: "Take a photo", title: "Take a photo", onclick: door.take }, icon("camera")));
  const helpless = h("div", { class: "helpless" });
  below.append(helpless, ...(people ? [group.field] : []), actions);

  async function openEditor() {
    try {
      const { editMask } = await import("./matte/editor.js");
      const saved = await editMask();
      if (saved) { looksAt = "photo"; studio.set({ mask: saved.id }); }
    } catch (error) { toast(error.message, { bad: true }); }
    correct.focus();
  }

  /** The photo, or the invitation to bring one. */
  function drawPlace() {
    const photo = studio.get("photo");
    if (!photo) { place.replaceChildren(invitation(door)); return; }
    if (frame.parentNode !== place) {
      const focused = place.contains(document.activeElement);
      place.replaceChildren(frame, below);
      if (focused) frame.focus({ preventScroll: true });
    }
    frame.style.setProperty("--ratio", String(photo.width / photo.height));
    if (askedFor === photo.id) return;
    askedFor = photo.id;
    shapeOf = maskShape = null;
    asking?.abort();
    asking = new AbortController();
    if (people && !studio.get("people")) findPeople(photo, asking.signal);
  }

  function drawPicture() {
    const photo = studio.get("photo");
    if (!photo) { drawn = ""; return; }
    const found = made();
    if (!found) looksAt = "new";
    const now = looksAt === "new" ? found : null;
    const view = `/api/photos/${photo.id}/view?longest=${SIZE}`;
    caption.textContent = now ? now.words : photoWords(photo, people && !studio.get("people"));
    flip.hidden = !found || found.kind === "result" && looksAt === "new";
    flipWords.textContent = looksAt === "photo" ? `Show the ${found?.kind === "preview" ? "preview" : "painting"}` : "Show the photo";
    const key = `${view} ${now?.kind} ${now?.url}`;
    if (key !== drawn) {
      if (!drawn.startsWith(view)) picture.replaceChildren(...(photo.local && !now ? [h("img", { class: "shown", alt: "", src: photo.local, onerror: (event) => event.target.remove() })] : []));
      drawn = key;
      showPicture(photo, view, now);
    }
    drawPeople();
  }

  async function showPicture(photo, view, now) {
    const key = drawn;
    if (now?.kind === "result") {
      const { compare } = await import("./compare.js").catch(() => ({}));
      if (key !== drawn) return;
      if (compare) {
        frame.style.setProperty("--ratio", String(photo.width / photo.height));
        picture.replaceChildren(compare(view, now.url));
        picture.classList.add("compared");
        drawPeople();
        return;
      }
    }
    const image = h("img", { class: "shown", alt: now ? now.words : `Your photo ${photo.name}`, decoding: "async", src: now?.url ?? view });
    // The last picture stays until the next can be drawn, so that nothing flickers.
    try { await image.decode(); } catch { /* its alt text stands there */ }
    if (key !== drawn) return;
    frame.style.setProperty("--ratio", String(now?.ratio ?? photo.width / photo.height)); // a bust is a part of the photo
    picture.replaceChildren(image);
    picture.classList.remove("compared");
    outlined = "";
    drawPeople();
  }

  /** Outlines over the photo; over a preview they are seen while they are pointed at. */
  function drawPeople() {
    const image = picture.querySelector("img.shown");
    if (!people || !image || looksAt === "new" && made()?.ratio) { overlay?.remove(); outlined = ""; overlay = null; return; }
    const [mask, person, found] = [studio.get("mask"), studio.get("person"), studio.get("people")?.people ?? []];
    const quiet = Boolean(made()) && looksAt === "new";
    const key = `${drawn.split(" ")[0]} ${mask} ${Boolean(maskShape)} ${person} ${found.length}`;
    if (key !== outlined || !overlay?.isConnected) {
      outlined = key;
      overlay?.remove();
      const folk = found.map((one) => ({ key: one.number, outline: one.outline }));
      const everybody = person === "all" ? folk.map((one) => one.key) : [person];
      overlay = mask ? maskShape && outlines([{ key: "mask", outline: maskShape }], new Set(["mask"]), null) : outlines(folk, new Set(everybody), pick);
      if (overlay) picture.append(overlay);
    }
    overlay?.classList.toggle("quiet", quiet);
  }

  /** A click on somebody: only they; on the one who is chosen: everybody again. */
  function pick(key) {
    const many = (studio.get("people")?.people.length ?? 0) > 1;
    studio.set({ person: many && studio.get("person") !== key ? key : "all", mask: null });
  }

  async function drawChoice() {
    const [mask, photo, found] = [studio.get("mask"), studio.get("photo"), studio.get("people")];
    const fresh = mask && mask !== shapeOf;
    if (fresh) { masks.set(photo.id, mask); shapeOf = mask; maskShape = null; }
    group.draw();
    const lost = people && photo && found && !found.people.length && !mask && studio.get("person") !== "picture";
    helpless.replaceChildren(...(lost ? [nobody({ notes: found.notes, onmask: openEditor })] : []));
    if (!fresh) return;
    try {
      const shape = await maskOutline(photo, mask);
      if (shapeOf === mask) { maskShape = shape; drawPicture(); }
    } catch { /* the photo without an outline */ }
  }

  let shownFor = "";
  function showNew() {
    const shown = studio.get("shown");
    const key = `${shown?.kind} ${shown?.job}`;
    if (shown && (key !== shownFor || shown.kind === "preview" && !shown.job)) looksAt = "new";
    shownFor = key;
  }

  const offs = [
    studio.on(["photo"], drawPlace),
    studio.on(["shown"], showNew),
    preview.on(["busy"], () => { computing.textContent = preview.get("busy") ? "Preview …" : ""; }),
    studio.on(["photo", "people", "person", "mask"], drawChoice),
    studio.on(["photo", "people", "person", "mask", "shown", "job", "jobs"], drawPicture),
  ];
  return () => { offs.forEach((off) => off()); asking?.abort(); door.close(); root.replaceChildren(); };
}
