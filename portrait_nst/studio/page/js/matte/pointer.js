// Mouse, pen and fingers: one paints, two fingers or the space bar move the picture, the wheel zooms.

const SECOND = 300; // ms in which a second finger turns a stroke into a pinch

/**
 * Follow the pointers over `port`. brush: {begin(x, y, pressure), to(x, y, pressure), end(), drop(), hover(clientX, clientY) or hover(null)};
 * panning(): whether the space bar is held.
 */
export function followPointers(port, zoom, brush, panning) {
  const fingers = new Map();
  let mode = null; // null, "paint", "pan" or "pinch"
  let began = 0;

  const pressure = (event) => (event.pointerType === "pen" && event.pressure > 0 ? 0.25 + 0.75 * event.pressure : 1);
  const middle = () => {
    const [a, b] = [...fingers.values()];
    const box = port.getBoundingClientRect();
    return { x: (a.x + b.x) / 2 - box.left, y: (a.y + b.y) / 2 - box.top, apart: Math.hypot(a.x - b.x, a.y - b.y) };
  };

  function down(event) {
    if (event.button > 1) return;
    event.preventDefault();
    port.focus({ preventScroll: true });
    port.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size === 2) {
      if (mode === "paint") { if (event.timeStamp - began < SECOND) brush.drop(); else brush.end(); }
      mode = "pinch";
      brush.hover(null);
    } else if (fingers.size === 1) {
      mode = event.button === 1 || panning() ? "pan" : "paint";
      began = event.timeStamp;
      if (mode === "paint") brush.begin(...zoom.point(event.clientX, event.clientY), pressure(event));
    }
  }

  function move(event) {
    if (event.pointerType !== "touch") brush.hover(event.clientX, event.clientY);
    const finger = fingers.get(event.pointerId);
    if (!finger) return;
    if (mode === "paint") {
      const events = event.getCoalescedEvents?.() ?? [];
      for (const one of events.length ? events : [event]) brush.to(...zoom.point(one.clientX, one.clientY), pressure(one));
      if (event.pointerType === "touch") brush.hover(event.clientX, event.clientY);
    } else if (mode === "pan") {
      zoom.pan(event.clientX - finger.x, event.clientY - finger.y);
    }
    const last = mode === "pinch" && fingers.size === 2 ? middle() : null;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (last) {
      const now = middle();
      zoom.pan(now.x - last.x, now.y - last.y);
      if (last.apart > 0) zoom.by(now.apart / last.apart, now.x, now.y);
    }
  }

  function up(event) {
    if (!fingers.delete(event.pointerId)) return;
    if (mode === "paint") { if (event.type === "pointercancel") brush.drop(); else brush.end(); }
    if (event.pointerType === "touch") brush.hover(null);
    if (fingers.size === 0) mode = null; // after a pinch the finger that stays does nothing
  }

  function wheel(event) {
    event.preventDefault();
    const box = port.getBoundingClientRect();
    zoom.by(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0016)), event.clientX - box.left, event.clientY - box.top);
    brush.hover(event.clientX, event.clientY);
  }

  const leave = () => { if (mode === null) brush.hover(null); };
  const on = { pointerdown: down, pointermove: move, pointerup: up, pointercancel: up, pointerleave: leave };
  for (const [name, listener] of Object.entries(on)) port.addEventListener(name, listener);
  port.addEventListener("wheel", wheel, { passive: false });
}
