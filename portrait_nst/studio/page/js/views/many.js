// Many photos with one recipe, and films: #many, #many/film.

import { h } from "../dom.js";
import { mountFilm } from "../many/film.js";
import { mountPhotos } from "../many/photos.js";
import { studio } from "../store.js";

export const title = "Many & films";

export function mount(main) {
  const film = location.hash.split("/")[1] === "film";
  const link = (hash, words, here) => h("a", { href: hash, ariaCurrent: here ? "page" : null }, words);
  const place = h("div", {});
  main.append(h("div", { class: "many-head" }, h("h1", { class: "unseen" }, film ? "A film" : "Many photos"),
    h("nav", { ariaLabel: "What is painted" }, h("ul", { class: "second-tabs" }, h("li", {}, link("#many", "Many photos", !film)), h("li", {}, link("#many/film", "A film", film))))), place);
  let leave = null;
  const off = studio.on(["catalogue"], () => { if (studio.get("catalogue") && !leave) leave = (film ? mountFilm : mountPhotos)(place); });
  return () => { off(); leave?.(); };
}
