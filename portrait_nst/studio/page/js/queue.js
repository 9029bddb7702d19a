// What is painted and what waits, in the bar of every view.

export function mountQueue(root) {
  root.replaceChildren();
}
