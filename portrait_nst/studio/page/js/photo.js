// How a photo comes in: chosen, dropped or pasted anywhere in the window, taken, or one of those that this machine has.

import { call, upload } from "./api.js";
import { announce, h, icon, toast } from "./dom.js";
import { studio } from "./store.js";

/** What the file dialogue offers. */
export const PICTURES = "image/*,.heic,.heif,.avif,.tif,.tiff,.jxl";

/** Make `photo`, a Thing, the one that is worked on; what belonged to the last one goes. */
function setPhoto(photo) {
  studio.set({ photo, people: null, person: "all", mask: null, shown: null, job: null });
}

/**
 * The door of a view: brings files in, and shows how far they are, or why they did not come.
 * `close()` ends what it listens to. `status` is an element for the words and the progress.
 */
export function photoDoor() {
  const bar = h("progress", { class: "progress", max: 1, ariaLabel: "Photo on its way" });
  const words = h("p", { class: "small", role: "status" });
  const stop = h("button", { class: "button small plain", type: "button", onclick: () => { if (running) running.abort(); else tell(""); } }, "Stop");
  const thumb = h("img", { class: "bringing-picture", alt: "", hidden: true, onload: () => { thumb.hidden = false; }, onerror: () => { thumb.hidden = true; } });
  const status = h("div", { class: "bringing", hidden: true }, thumb, words, h("div", { class: "row" }, h("div", { class: "grow" }, bar), stop));
  let running = null;

  const tell = (text, bad = false) => {
    if (!text && status.classList.contains("failed")) announce(""); // it is read, and over
    words.textContent = text;
    words.classList.toggle("bad", bad);
    status.hidden = !text;
    status.classList.toggle("failed", bad);
    stop.textContent = bad ? "Close" : "Stop";
    if (bad && text) {
      announce(text);
      status.scrollIntoView({ block: "center", behavior: "instant" });
    }
  };

  async function bring(file) {
    if (!file) return;
    running?.abort();
    const most = studio.get("about")?.limits.upload;
    if (most && file.size > most) { tell(`${file.name} has ${megabytes(file.size)}; a photo may have ${megabytes(most)} at most. Choose a smaller one.`, true); return; }
    const mine = running = new AbortController();
    bar.value = 0;
    const local = URL.createObjectURL(file); // seen at once where the browser can decode it
    thumb.hidden = true;
    thumb.src = local;
    tell(`${file.name || "The photo"} is on its way …`);
    try {
      const photo = await upload("/api/photos", file, {
        name: file.name || "photo.jpg", signal: mine.signal,
        onshare: (share) => { bar.value = share; if (share === 1) { bar.removeAttribute("value"); words.textContent = "The photo is looked at …"; } },
      });
      if (mine !== running) return;
      tell("");
      setPhoto({ ...photo, local });
      announce(`Photo ${photo.name}, ${photo.width} by ${photo.height} pixels.`);
      for (const note of photo.notes ?? []) toast(note);
    } catch (error) {
      if (mine === running) { running = null; thumb.hidden = true; thumb.removeAttribute("src"); URL.revokeObjectURL(local); tell(error.name === "AbortError" ? "" : error.message, true); }
    } finally {
      if (mine === running) running = null;
    }
  }

  const input = h("input", { type: "file", accept: PICTURES, class: "unseen", tabIndex: -1, ariaLabel: "Photo file", onchange: () => { bring(input.files[0]); input.value = ""; } });
  const veil = h("div", { class: "veil", hidden: true, ariaHidden: "true" }, h("p", {}, icon("open"), "Let go to use this photo"));
  const close = anywhere(veil, bring);

  async function take() {
    try {
      const { takePhoto } = await import("./camera.js");
      await bring(await takePhoto());
    } catch (error) {
      if (error.name !== "AbortError") tell(error.message, true);
    }
  }
  return { bring, take, choose: () => input.click(), parts: [input, veil], status, close: () => { close(); running?.abort(); } };
}

const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`;

/** Drops and pastes of the whole window; `veil` is seen while something is dragged over it. Returns what ends it. */
function anywhere(veil, bring) {
  let depth = 0; // enter and leave come for every element on the way
  let own = false; // a picture of the page itself is dragged, which counts as a file too
  const withFiles = (event) => !own && event.dataTransfer?.types.includes("Files");
  const show = (on) => { veil.hidden = !on; if (!on) depth = 0; };
  const modal = () => document.querySelector("dialog[open]");
  const on = {
    dragstart() { own = true; },
    dragend() { own = false; },
    dragenter(event) { if (withFiles(event) && !modal()) { event.preventDefault(); depth += 1; show(true); } },
    dragover(event) { if (withFiles(event)) { event.preventDefault(); event.dataTransfer.dropEffect = modal() ? "none" : "copy"; } },
    dragleave(event) { if (withFiles(event) && (depth -= 1) <= 0) show(false); },
    drop(event) {
      if (!withFiles(event)) return;
      event.preventDefault();
      show(false);
      if (event.target.closest?.(".wall")) return; // it becomes a style
      if (event.dataTransfer.files.length > 1) toast("One photo is used here, the first; for several there is “Many & films”.");
      if (!modal()) bring(event.dataTransfer.files[0]);
    },
    paste(event) {
      const file = [...(event.clipboardData?.files ?? [])].find((one) => one.type.startsWith("image/"));
      if (file && !modal()) { event.preventDefault(); bring(file); }
    },
  };
  for (const [name, listener] of Object.entries(on)) addEventListener(name, listener);
  return () => { for (const [name, listener] of Object.entries(on)) removeEventListener(name, listener); };
}

/** The stage without a photo: an invitation. */
export function invitation(door) {
  const recent = h("div", { class: "recent", hidden: true });
  const place = h("div", { class: "invitation" },
    h("div", { class: "invitation-frame" },
      h("span", { class: "invitation-sign" }, icon("person")),
      h("h2", {}, "Begin with a portrait"),
      h("p", { class: "soft" }, h("span", { class: "wide" }, "Drop a photo anywhere in this window. "), "It stays on this machine."),
      h("div", { class: "row middle" },
        h("button", { class: "button main", type: "button", onclick: door.choose }, icon("open"), "Choose a photo"),
        h("button", { class: "button", type: "button", onclick: door.take }, icon("camera"), "Take one")),
      h("p", { class: "small soft wide" }, "or paste one with ", h("kbd", {}, "Ctrl"), " ", h("kbd", {}, "V"))),
    recent);
  fill(recent);
  return place;
}

/** The photos that were brought before, newest first; nothing where there are none or they cannot be asked for. */
async function fill(recent) {
  let photos = [];
  try { photos = await call("/api/photos"); } catch { return; }
  if (!photos.length) return;
  recent.hidden = false;
  const wrong = h("p", { class: "bad small", role: "alert" });
  async function remove(photo, item) {
    const image = item.querySelector("img");
    const src = image.src;
    image.removeAttribute("src"); // it may be on its way still
    try { await call(`/api/photos/${photo.id}`, { method: "DELETE" }); } catch (error) { image.src = src; wrong.textContent = error.message; return; }
    const next = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    announce(`${photo.name || "The photo"} is deleted.`);
    if (next) next.querySelector("button").focus(); else recent.hidden = true;
  }
  const tile = (photo) => {
    const item = h("li", { class: "recent-item" },
      h("button", { class: "recent-photo", type: "button", ariaLabel: `Use ${photo.name || "this photo"} again`, title: photo.name, onclick: () => setPhoto(photo) },
        h("img", { src: `/api/photos/${photo.id}/view?longest=256`, alt: "", loading: "lazy", decoding: "async" })),
      h("button", { class: "recent-remove", type: "button", ariaLabel: `Delete ${photo.name || "this photo"} from the studio`, title: "Delete this photo from the studio", onclick: () => remove(photo, item) }, icon("close")));
    return item;
  };
  recent.append(h("h2", { class: "small soft" }, "Photos you brought before"), h("ul", { class: "recent-list" }, ...photos.slice(0, 12).map(tile)), wrong);
}
