// Says in the bar of every view that the studio is not running, and sees when it is back.

import { announce, h } from "./dom.js";

const MOMENT = 700; // ms in which a stream that ended may come back by itself
const PAUSE = 1000; // ms between two questions
const PATIENCE = 2000; // ms for an answer; a studio that is only busy has its connection all the same

/** `root` gets the words. Returns {suspect(), opened()}: the stream of events ended, or is there. onback(): the studio answers again. */
export function watchStudio(root, onback) {
  const words = h("p", { class: "lost small", role: "alert", hidden: true });
  root.append(words);
  let asking = false;
  let open = 0; // when the stream came last

  async function answers() {
    try { return (await fetch("/api/about", { signal: AbortSignal.timeout(PATIENCE), cache: "no-store" })).status !== 503; } catch (error) { return error.name === "TimeoutError" && words.hidden; }
  }

  async function suspect() {
    if (asking) return;
    asking = true;
    const ended = Date.now();
    await new Promise((resolve) => setTimeout(resolve, MOMENT));
    while (open < ended && !await answers()) {
      if (words.hidden) { words.hidden = false; words.textContent = "The studio is not running. Start it again; this page goes on by itself."; }
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    asking = false;
    if (words.hidden) return;
    words.hidden = true;
    words.textContent = "";
    announce("The studio is running again.");
    onback();
  }
  return { suspect, opened() { open = Date.now(); } };
}
