// Palettes as the settings write them, "#102040,#ff0044/#00a6d6" with the ground last, and as values {name, colours, ground}.

export const written = ({ colours, ground }) => colours.join(",") + (ground ? `/${ground}` : "");

const channels = (hex) => [1, 3, 5].map((from) => parseInt(hex.slice(from, from + 2), 16));
const hexOf = (values) => `#${values.map((value) => Math.round(value).toString(16).padStart(2, "0")).join("")}`;

export const between = (one, other, share = 0.5) => {
  const [a, b] = [channels(one), channels(other)];
  return hexOf(a.map((value, index) => value + (b[index] - value) * share));
};

/** Luma in [0, 255], enough to put colours in order. */
export const lightness = (hex) => channels(hex).reduce((sum, value, index) => sum + value * [0.299, 0.587, 0.114][index], 0);

/** "#RRGGBB" of what was typed, with or without #, short or long; null for what is no colour. */
export function colourOf(text) {
  const digits = text.trim().replace(/^#/, "");
  if (/^[0-9a-f]{6}$/i.test(digits)) return `#${digits.toLowerCase()}`;
  return /^[0-9a-f]{3}$/i.test(digits) ? `#${[...digits].map((digit) => digit + digit).join("").toLowerCase()}` : null;
}

/** The palette of a list of colours or of a name; null for "" and for what the page does not know. */
export function palette(spec, catalogue) {
  if (!spec) return null;
  if (!spec.startsWith("#")) return catalogue?.palettes.find(({ name }) => name === spec) ?? null;
  const [colours, ground = ""] = spec.split("/");
  return { name: "", colours: colours.split(",").map((colour) => colour.trim().toLowerCase()), ground: ground.trim().toLowerCase() };
}

/** So many colours, evenly along a palette's own. */
export function resampled(colours, count) {
  if (colours.length === count) return colours;
  return Array.from({ length: count }, (_, index) => {
    const at = (index * (colours.length - 1)) / (count - 1);
    const low = Math.min(colours.length - 2, Math.floor(at));
    return between(colours[low], colours[low + 1], at - low);
  });
}

export const specs = (text) => (text ?? "").split(";").map((part) => part.trim()).filter(Boolean);

/** One palette for each panel of a grid: those that were chosen, then others of the catalogue. */
export function panels(text, [columns, rows], catalogue) {
  const chosen = specs(text || catalogue?.palette_defaults?.grid);
  const others = (catalogue?.palettes ?? []).map(({ name }) => name).filter((name) => !chosen.includes(name));
  return Array.from({ length: columns * rows }, (_, index) => chosen[index] ?? others[(index - chosen.length) % others.length]);
}

export const titled = (name) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");
