// How much of its room the studio has filled, and how to make some.

import { call } from "../api.js";
import { announce, h, icon } from "../dom.js";
import { studio } from "../store.js";

const size = (bytes) => (bytes < 1e6 ? "less than 1 MB" : bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`);

export function makeSpace() {
  const words = h("span", { class: "numbers" }, "Space");
  const meter = h("meter", { class: "space-meter", min: 0, max: 1, high: 0.8, low: 0.8, optimum: 0, ariaLabel: "Share of the studio’s room that is taken" });
  const wrong = h("p", { class: "bad small", role: "alert" });
  const clear = h("button", { class: "button small", type: "button", onclick: tidy }, icon("trash"), h("span", {}));
  const element = h("details", { class: "card space" }, h("summary", {}, words), meter,
    h("div", { class: "row" }, clear), h("p", { class: "small soft" }, "Photos that a picture of the history was made of stay. Open a picture to delete it; stars keep it when room runs out."), wrong);
  const keep = () => (studio.get("photo") ? `?keep=${studio.get("photo").id}` : "");

  function show({ used, quota, photos, bytes }) {
    meter.value = quota ? Math.min(1, used / quota) : 0;
    words.textContent = `Space: ${size(used)} of ${size(quota)} taken`;
    clear.lastChild.textContent = photos ? `Delete ${photos === 1 ? "one photo" : `${photos} photos`} that nothing needs (${size(bytes)})` : "No photo is here that nothing needs";
    clear.disabled = !photos;
  }
  async function ask(method) {
    try { show(await call(`/api/space${method === "POST" ? "/tidy" : ""}${keep()}`, { method })); wrong.textContent = ""; return true; } catch (error) { wrong.textContent = error.message; return false; }
  }
  async function tidy() {
    clear.disabled = true;
    if (await ask("POST")) announce("The photos are deleted.");
  }
  ask("GET");
  return { element };
}
