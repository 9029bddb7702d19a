// The picture: the photo with its people, the preview, the painting in the making, and the result beside the photo.

import { h, icon, toast } from "./dom.js";
import { maskOutline } from "./matte/outline.js";
import { findPeople, nobody, outlines, whom } from "./people.js";
import { invitation, photoDoor } from "./photo.js";
import { studio } from "./store.js";

const SIZE = 1600;

/**
 * Mount the stage into `root` (an element that gets the class `stage`); returns what unmounts it.
 * people: whether people can be chosen and the mask be corrected.
 */
export function mountStage(root, { people = true } = {}) {
  root.classList.add("stage");
  const door = photoDoor();
  const picture = h("div", { class: "picture" });
  const frame = h("figure", { class: "frame", ariaLabel: "Picture" }, picture);
  const caption = h("figcaption", { class: "caption small soft numbers" });
  const sides = h("div", { class: "sides" });
  const below = h("div", { class: "below" });
  const place = h("div", { class: "stage-place" });
  root.append(...door.parts, place, door.status);

  let asking = null;      // the question who is in the photo
  let askedFor = null;
  let lastMask = null;    // the mask that was drawn last, which can be chosen again
  let maskShape = null;   // its outline
  let looksAt = "new";    // "new": what was made; "photo"
  let overlay = null;

  const group = whom({ onlight: (key) => overlay?.light(key), mask: () => lastMask });
  const correct = h("button", { class: "button small", type: "button", onclick: openEditor }, icon("brush"), "Correct the mask");
  const replace = h("button", { class: "button small", type: "button", onclick: door.choose }, icon("open"), "Another photo");
  const retake = h("button", { class: "button small icon", type: "button", ariaLabel: "Take a photo", title: "Take a photo", onclick: door.take }, icon("camera"));

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
    if (frame.parentNode !== place) place.replaceChildren(frame, below);
    frame.style.setProperty("--ratio", String(photo.width / photo.height));
    frame.replaceChildren(picture, h("div", { class: "caption-row" }, caption, sides));
    below.replaceChildren(...(people ? [group.field] : []), h("div", { class: "row" }, people && correct, replace, retake));
    if (askedFor !== photo.id && people) {
      askedFor = photo.id;
      lastMask = maskShape = null;
      asking?.abort();
      asking = new AbortController();
      if (!studio.get("people")) findPeople(photo, asking.signal);
    }
    group.draw();
  }

  /** What is made of it: {kind, url, words}; null for nothing. */
  function made() {
    const [shown, id] = [studio.get("shown"), studio.get("job")];
    const job = id && studio.get("jobs").get(id);
    if (job?.state === "running" && job.progress?.preview) {
      return { kind: "painting", url: `/api/jobs/${id}/preview?n=${job.progress.preview}`, words: `Painting, ${Math.round(job.progress.share * 100)} % done` };
    }
    if (!shown) return null;
    if (shown.kind === "popart") return { kind: "preview", url: shown.url, words: shown.words, ratio: shown.ratio };
    if (shown.kind === "preview") return { kind: "preview", url: shown.url, words: "Preview, painted quickly and small" };
    const result = studio.get("jobs").get(shown.job)?.result;
    return { kind: "result", url: shown.url, words: result ? `Result · ${result.width} × ${result.height} px` : "Result" };
  }

  let drawn = "";
  function drawPicture() {
    const photo = studio.get("photo");
    if (!photo) { drawn = ""; return; }
    const found = made();
    const now = found && looksAt === "new" ? found : null;
    const view = `/api/photos/${photo.id}/view?longest=${SIZE}`;
    caption.textContent = now ? now.words : `${photo.name || "Photo"} · ${photo.width} × ${photo.height} px${found || studio.get("people") || !people ? "" : " · looking for people …"}`;
    drawSides(found);
    const key = `${view} ${now?.kind} ${now?.url}`;
    if (key !== drawn) {
      drawn = key;
      showPicture(photo, view, now);
    }
    drawPeople(!now);
  }

  async function showPicture(photo, view, now) {
    const key = drawn;
    if (now?.kind === "result") {
      try {
        const { compare } = await import("./compare.js");
        if (key === drawn) { picture.replaceChildren(compare(view, now.url)); overlay = null; }
        return;
      } catch { /* without the slider, the result alone */ }
    }
    const image = h("img", { class: "shown", alt: now ? now.words : `Your photo ${photo.name}`, decoding: "async", src: now?.url ?? view });
    // The last picture stays until the next can be drawn, so that nothing flickers.
    try { await image.decode(); } catch { /* its alt text stands there */ }
    if (key !== drawn) return;
    frame.style.setProperty("--ratio", String(now?.ratio ?? photo.width / photo.height)); // a bust is a part of the photo
    picture.replaceChildren(image);
    overlay = null;
    drawPeople(!now);
  }

  function drawSides(found) {
    sides.hidden = !found || found.kind === "result";
    if (sides.hidden) { if (!found || found.kind === "result") looksAt = "new"; return; }
    const other = looksAt === "photo";
    const label = other ? "Show the painting" : "Show the photo";
    if (sides.firstChild?.textContent === label) return;
    const focused = sides.contains(document.activeElement);
    sides.replaceChildren(h("button", { class: "button small plain", type: "button", onclick: () => { looksAt = other ? "new" : "photo"; drawPicture(); } }, label));
    if (focused) sides.firstChild.focus();
  }

  function drawPeople(visible) {
    overlay?.remove();
    overlay = null;
    if (!people || !visible || !picture.querySelector("img.shown")) return;
    const [mask, person, found] = [studio.get("mask"), studio.get("person"), studio.get("people")?.people ?? []];
    if (mask) {
      if (maskShape) overlay = outlines([{ key: "mask", outline: maskShape }], new Set(["mask"]), null);
    } else if (person === "picture") {
      overlay = outlines(found.map((one) => ({ key: one.number, outline: one.outline })), new Set(), pick);
    } else {
      const chosen = new Set(person === "all" ? found.map((one) => one.number) : [person]);
      overlay = outlines(found.map((one) => ({ key: one.number, outline: one.outline })), chosen, pick);
    }
    if (overlay) picture.append(overlay);
  }

  /** A click on somebody: only they; on the one who is chosen: everybody again. */
  function pick(key) {
    const many = (studio.get("people")?.people.length ?? 0) > 1;
    studio.set({ person: many && studio.get("person") !== key ? key : "all", mask: null });
  }

  async function drawMask() {
    const [mask, photo] = [studio.get("mask"), studio.get("photo")];
    if (mask && mask !== lastMask) {
      lastMask = mask;
      maskShape = null;
      try { maskShape = await maskOutline(photo, mask); } catch { /* the photo without an outline */ }
      if (studio.get("mask") === mask) drawPicture();
    }
    group.draw();
    drawNobody();
  }

  function drawNobody() {
    below.querySelector(".nobody")?.remove();
    const found = studio.get("people");
    if (people && studio.get("photo") && found && !found.people.length && !studio.get("mask") && studio.get("person") !== "picture") {
      below.prepend(nobody({ notes: found.notes, onmask: openEditor }));
    }
  }

  const offs = [
    studio.on(["photo"], drawPlace),
    studio.on(["shown"], () => { looksAt = "new"; }),
    studio.on(["people", "person", "mask"], drawMask),
    studio.on(["photo", "people", "person", "mask", "shown", "job", "jobs"], drawPicture),
  ];
  return () => { offs.forEach((off) => off()); asking?.abort(); door.close(); root.replaceChildren(); };
}
