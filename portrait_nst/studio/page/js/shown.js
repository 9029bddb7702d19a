// What the stage shows beside the photo, and the words below it.

import { value } from "./choices.js";
import { duration } from "./dom.js";
import { studio } from "./store.js";

/** What is made of the photo: {kind: "painting" | "preview" | "result", url, words}; null for nothing. */
export function made() {
  const [shown, id] = [studio.get("shown"), studio.get("job")];
  const job = id ? studio.get("jobs").get(id) : null;
  const number = job?.state === "running" ? job.progress?.preview ?? 0 : 0;
  if (number) return { kind: "painting", url: shown?.job === id ? shown.url : `/api/jobs/${id}/preview?number=${number}`, words: progress(job.progress) };
  if (!shown) return null;
  if (shown.kind === "popart") return { kind: "preview", url: shown.url, words: shown.words, ratio: shown.ratio };
  if (shown.kind === "result") {
    const result = studio.get("jobs").get(shown.job)?.result;
    return { kind: "result", url: shown.url, words: result ? `Painting · ${result.width} × ${result.height} px${result.interrupted ? " · stopped early" : ""}` : "Painting" };
  }
  return { kind: "preview", url: shown.url, words: `Quick preview · ${value("quality") === "instant" ? "the painting will look like this, larger" : "the painting itself is made stroke by stroke, and differs"}` };
}

function progress({ share, seconds_left: left }) {
  return `Painting, ${Math.round(share * 100)} % done${left === null || left === undefined ? "" : ` · about ${duration(left)} left`}`;
}

/** The words below the photo itself. */
export function photoWords(photo, looking) {
  return `${photo.name || "Photo"} · ${photo.width} × ${photo.height} px${looking ? " · looking for people …" : ""}`;
}
