// Own pictures as styles: picked, dropped onto the wall, or pasted while it has the focus.

import { call, upload } from "../api.js";
import { announce, h, icon, toast } from "../dom.js";
import { studio } from "../store.js";

const pictures = (list) => [...list].filter((file) => file.type.startsWith("image/") || /\.(heic|heif|avif|tiff?)$/i.test(file.name));

export async function refreshStyles() { studio.set({ styles: await call("/api/styles") }); }

/** The button that stands first on the wall, and what listens there; `added(id)` is called with each new style. */
export function mountOwn(root, wall, added) {
  const words = h("span", { class: "tile-name cut" }, "Add your own");
  const input = h("input", { type: "file", accept: "image/*,.heic,.heif", multiple: true, hidden: true, onchange: () => { take(input.files); input.value = ""; } });
  const button = h("div", { class: "tile" }, h("button", { class: "tile-add", type: "button", title: "A painting, a drawing, a texture: any picture", onclick: () => input.click() },
    h("span", { class: "tile-picture" }, icon("add")), words));
  const wrong = h("p", { class: "bad small", role: "alert", hidden: true });
  root.append(input, wrong);
  /** What is wrong with a file is said below the wall where it was asked for. */
  function tell(text) {
    wrong.hidden = !text;
    wrong.textContent = text;
    if (text) wrong.scrollIntoView({ block: "center", behavior: "instant" });
  }

  async function take(list) {
    const files = pictures(list);
    tell("");
    if (!files.length) { if (list.length) tell("Bring a picture as a style: JPEG, PNG, HEIC, WebP or TIFF."); return; }
    for (const file of files) {
      try {
        const style = await upload("/api/styles", file, { onshare: (share) => { words.textContent = `${Math.round(share * 100)} %`; } });
        await refreshStyles();
        added(style.id);
        announce(`${style.title ?? style.name} was added to the styles`);
      } catch (error) { tell(error.message); }
    }
    words.textContent = "Add your own";
  }

  async function remove(style) {
    try { await call(`/api/styles/${style.id}`, { method: "DELETE" }); } catch (error) { if (error.status !== 404) { toast(error.message, { bad: true }); return; } }
    studio.set({ style: studio.get("style").filter((one) => one.style !== style.id) });
    if (studio.get("settings").background === style.id) { const { background, ...rest } = studio.get("settings"); studio.set({ settings: rest }); }
    await refreshStyles();
    announce(`${style.title} was removed`);
    button.querySelector("button").focus();
  }

  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  const over = (event) => { if (hasFiles(event)) { event.preventDefault(); wall.classList.add("dropping"); } };
  const off = () => wall.classList.remove("dropping");
  const drop = (event) => { if (!hasFiles(event)) return; event.preventDefault(); off(); take(event.dataTransfer.files); };
  // Pasting goes to the wall only while it has the focus: elsewhere it brings a photo.
  const paste = (event) => {
    if (!wall.contains(document.activeElement) || !event.clipboardData?.files.length) return;
    event.preventDefault(); event.stopImmediatePropagation(); take(event.clipboardData.files);
  };
  wall.addEventListener("dragenter", over);
  wall.addEventListener("dragover", over);
  wall.addEventListener("dragleave", (event) => { if (!wall.contains(event.relatedTarget)) off(); });
  wall.addEventListener("drop", drop);
  document.addEventListener("paste", paste, true);
  return { button, remove, end: () => document.removeEventListener("paste", paste, true) };
}
