import { h } from "../dom.js";

export const title = "Live";

export function mount(main) {
  main.append(h("h1", { class: "empty" }, title));
}
