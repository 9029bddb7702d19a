// Many photos on their way to the studio: three at a time, each with its own progress and its own error.

import { upload } from "../api.js";

const AT_ONCE = 3;

/** onchange(item) after each change of an item, onchange(null) after items came or went. */
export function uploads() {
  let items = [];
  let listener = () => {};
  const running = () => items.filter((item) => item.state === "sending").length;

  function next() {
    while (running() < AT_ONCE) {
      const item = items.find(({ state }) => state === "waiting");
      if (!item) return;
      send(item);
    }
  }

  async function send(item) {
    item.state = "sending";
    item.error = "";
    item.stop = new AbortController();
    listener(item);
    try {
      item.thing = await upload("/api/photos", item.file, { signal: item.stop.signal, onshare(share) { item.share = share; listener(item); } });
      item.state = "here";
      item.file = null;
    } catch (error) {
      if (error.name === "AbortError") return;
      item.state = "failed";
      item.error = error.message;
    }
    listener(item);
    next();
  }

  return {
    items: () => items,
    things: () => [...new Map(items.filter((item) => item.thing).map((item) => [item.thing.id, item.thing])).values()],
    /** Let `item.same` be the first item with the same picture, where it is not itself that; those for which this changed. */
    findSame() {
      const firsts = new Map();
      for (const item of items) if (item.thing && !firsts.has(item.thing.id)) firsts.set(item.thing.id, item);
      return items.filter((item) => {
        const [before, first] = [item.same ?? null, item.thing ? firsts.get(item.thing.id) : item];
        item.same = first === item ? null : first;
        return item.same !== before;
      });
    },
    unfinished: () => items.some(({ state }) => state === "waiting" || state === "sending"),
    add(files) {
      items = [...items, ...files.map((file) => ({ file, name: file.name, state: "waiting", share: 0, thing: null, error: "", stop: null }))];
      listener(null);
      next();
    },
    remove(item) {
      item.stop?.abort();
      items = items.filter((other) => other !== item);
      listener(null);
      next();
    },
    again(item) { item.state = "waiting"; item.share = 0; listener(item); next(); },
    clear() { for (const item of items) item.stop?.abort(); items = []; listener(null); },
    listen(next) { listener = next; },
  };
}

const PICTURE = /\.(jpe?g|png|webp|heic|heif|avif|tiff?|bmp|gif|jxl)$/i;
export const isPicture = (file) => file.type.startsWith("image/") || PICTURE.test(file.name);
const CLIP = /\.(mp4|mov|m4v|webm|mkv|avi|gif)$/i;
export const isClip = (file) => file.type.startsWith("video/") || CLIP.test(file.name);

/** Every file of a drop, those in folders too. */
export async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files];
  const files = [];
  async function walk(entry) {
    if (entry.isFile) { files.push(await new Promise((resolve, reject) => entry.file(resolve, reject))); return; }
    const reader = entry.createReader();
    for (;;) { // a reader tells a hundred entries at a time
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!some.length) return;
      for (const child of some) await walk(child);
    }
  }
  for (const entry of entries) await walk(entry);
  return files;
}
