// Where the editor's pictures come from, and where the mask goes.

import { call, Problem, upload } from "../api.js";
import { studio } from "../store.js";
import { png } from "./png.js";

export const LONGEST = 1600;

async function image(path) {
  const answer = await fetch(path);
  if (!answer.ok) {
    const told = await answer.json().catch(() => ({}));
    throw new Problem(told.error ?? `The studio answered ${answer.status}.`, told.field ?? "", answer.status);
  }
  return createImageBitmap(await answer.blob());
}

/** The pixels of a picture at the given size, RGBA. */
function pixels(picture, width, height) {
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.drawImage(picture, 0, 0, width, height);
  return context.getImageData(0, 0, width, height).data;
}

async function values(path, width, height) {
  const data = pixels(await image(path), width, height);
  return Uint8Array.from({ length: width * height }, (_, index) => data[index * 4]);
}

/**
 * What is edited: {photo, picture, width, height, base, start, note}. base: the mask as bytes. start: {person, base} for POST /api/masks, or null
 * where no mask was found, so that a whole one is made.
 */
export async function fetched() {
  const [photo, mask, person] = [studio.get("photo"), studio.get("mask"), studio.get("person")];
  const picture = await image(`/api/photos/${photo.id}/view?longest=${LONGEST}`);
  const { width, height } = picture;
  const blank = (value) => ({ photo, picture, width, height, base: new Uint8Array(width * height).fill(value), start: null });
  if (!mask && person === "picture") return { ...blank(255), note: "Everything is painted so far: remove what shall stay as it is." };
  if (!mask && studio.get("people")?.people.length === 0) return { ...blank(0), note: "Nobody was found: brush over what shall be painted." };
  const whom = mask ? "all" : String(person);
  try {
    const base = await values(`/api/photos/${photo.id}/matte?person=${whom}&mask=${mask ?? ""}&longest=${LONGEST}`, width, height);
    return { photo, picture, width, height, base, start: { person: whom, base: mask ?? "" }, note: "" };
  } catch (error) {
    if (error.status !== 422) throw error;
    return { ...blank(0), note: error.message };
  }
}

/** Send what was corrected; answered by the mask, a Thing. */
export async function save({ photo, width, height, start }, correction) {
  const body = start ? await png(correction.rgba(), width, height, 4) : await png(correction.mask(), width, height, 1);
  const query = new URLSearchParams({ photo: photo.id, person: start?.person ?? "all" });
  if (start?.base) query.set("base", start.base);
  return upload(`/api/masks?${query}`, body, { name: "mask.png" });
}

/** Bring a mask from a file; answered by [the mask, its values at the editor's size]. */
export async function bring({ photo, width, height }, file) {
  const thing = await upload(`/api/masks?photo=${photo.id}`, await opaque(file), { name: file.name });
  return [thing, await values(`/api/photos/${photo.id}/matte?mask=${thing.id}&longest=${LONGEST}`, width, height)];
}

/** A picture with holes is a mask by its alpha; the studio would take alpha for a correction, so it is sent as grey. */
async function opaque(file) {
  let picture;
  try { picture = await createImageBitmap(file); } catch { return file; } // what a browser cannot read the studio may
  const data = pixels(picture, picture.width, picture.height);
  const alpha = Uint8Array.from({ length: picture.width * picture.height }, (_, index) => data[index * 4 + 3]);
  return alpha.some((value) => value < 255) ? png(alpha, picture.width, picture.height, 1) : file;
}

/** A sharper picture of the photo, for a close look; null where there is none. */
export async function sharper(photo) {
  if (Math.max(photo.width, photo.height) <= LONGEST) return null;
  try { return await image(`/api/photos/${photo.id}/view?longest=4096`); } catch { return null; }
}

/** Remove a mask that was brought and then not used; if that fails it is only kept a little longer. */
export const forget = (mask) => call(`/api/masks/${mask.id}`, { method: "DELETE" }).catch(() => {});
