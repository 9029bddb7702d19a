// A picture that was taken while painting live: painted properly, or taken over to the view Paint.

import { call, upload } from "../api.js";
import { h, icon, toast } from "../dom.js";
import { photoName } from "./device.js";
import { studio } from "../store.js";

/**
 * A card for the taken picture: `photo` is its JPEG, `painted` what was seen, `choice` {style, strength, everything, mirror}.
 * onclose() when it was dealt with or thrown away.
 */
export function shotCard(photo, painted, choice, onclose) {
  const url = URL.createObjectURL(painted ?? photo);
  const style = [{ style: choice.style, share: 1 }];
  const settings = { quality: "standard", strength: choice.strength, ...(choice.everything ? { region: "all" } : {}) };
  const status = h("p", { class: "small soft", role: "status" });
  const buttons = [
    h("button", { class: "button main", type: "button", onclick: () => deal(paint) }, icon("brush"), "Paint it properly"),
    h("button", { class: "button", type: "button", onclick: () => deal(open) }, "Open in Paint"),
  ];
  const card = h("section", { class: "card live-shot", ariaLabel: "The picture you took" },
    h("img", { class: choice.mirror ? "as-mirror" : "", src: url, alt: "The picture you took, as it was painted live" }),
    h("div", { class: "live-shot-words" },
      h("div", { class: "row spread" }, h("h2", {}, "Your picture"),
        h("button", { class: "button plain icon", type: "button", ariaLabel: "Throw this picture away", title: "Throw this picture away", onclick: close }, icon("trash"))),
      h("p", { class: "small soft" }, "Painted properly it gets real strokes, at the camera's full size. That takes a while; live goes on.")),
    h("div", { class: "row live-shot-buttons" }, buttons), status);
  let kept = null; // it is uploaded once, whichever button comes first

  async function deal(work) {
    for (const button of buttons) button.disabled = true;
    status.textContent = "Handing it over …";
    try {
      kept ??= await upload("/api/photos", photo, { name: photoName() });
      await work(kept);
    } catch (error) {
      status.textContent = "";
      toast(error.message, { bad: true });
      for (const button of buttons) button.disabled = false;
    }
  }

  async function paint(thing) {
    const job = await call("/api/jobs", { method: "POST", body: { kind: "stylize", photo: thing.id, style, settings } });
    studio.set({ jobs: new Map(studio.get("jobs")).set(job.id, job) });
    toast("Your picture is being painted; it will be in the history.", { action: { label: "Show", run: () => { location.hash = "#history"; } } });
    close();
  }

  async function open(thing) {
    studio.set({
      photo: thing, people: null, person: choice.everything ? "picture" : "all", mask: null, shown: null, job: null,
      style, movement: null, settings: { ...studio.get("settings"), strength: choice.strength },
    });
    close();
    location.hash = "#paint";
  }

  function close() {
    URL.revokeObjectURL(url);
    card.remove();
    onclose();
  }

  return card;
}
