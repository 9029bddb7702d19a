// The camera: opened, listed, its picture taken; and what is wrong with it, in words.

class CameraProblem extends Error {}

const words = {
  NotAllowedError: "The browser may not use the camera. Allow it by the sign beside the page's address, then try again.",
  NotFoundError: "There is no camera. Plug one in and try again, or bring a photo instead.",
  NotReadableError: "The camera does not answer; perhaps another program uses it. Close that program, then try again.",
  OverconstrainedError: "This camera is no longer there. Choose another one.",
};
words.SecurityError = words.NotAllowedError;
words.AbortError = words.NotReadableError;

/**
 * Open a camera: the one with the id `device`, or the one that looks at the user ("user") or away ("environment").
 * width: the pixels wished for. Throws CameraProblem, whose message is for the user.
 */
export async function openCamera({ device = "", facing = "user", width = 1280 } = {}) {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new CameraProblem("A browser gives the camera only to pages from this machine or by HTTPS. Open the studio by its address with localhost, or bring a photo instead.");
  }
  const which = device ? { deviceId: { exact: device } } : { facingMode: facing };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...which, resizeMode: "none", width: { ideal: width }, height: { ideal: Math.round(width * 9 / 16) } } });
  } catch (error) {
    throw new CameraProblem(words[error.name] ?? `The camera cannot be used: ${error.message || error.name}.`);
  }
}

/** The cameras by id and label; labels are known only once one was opened. */
export async function listCameras() {
  const found = await navigator.mediaDevices.enumerateDevices();
  return found.filter((one) => one.kind === "videoinput" && one.deviceId)
    .map((one, number) => ({ id: one.deviceId, label: one.label || `Camera ${number + 1}` }));
}

/** The id of the camera that `stream` comes from. */
export const deviceOf = (stream) => stream.getVideoTracks()[0]?.getSettings().deviceId ?? "";

/** Whether it looks away from the user, so that nobody expects a mirror. */
export const looksAway = (stream) => stream.getVideoTracks()[0]?.getSettings().facingMode === "environment";

export function stopCamera(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** What the video shows now, in its full size, unmirrored, as JPEG. */
export function still(video, longest = Infinity, quality = 0.95) {
  const factor = Math.min(1, longest / Math.max(video.videoWidth, video.videoHeight));
  const canvas = new OffscreenCanvas(Math.round(video.videoWidth * factor), Math.round(video.videoHeight * factor));
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: "image/jpeg", quality });
}

/** The name of a photo that is taken now. */
export function photoName(now = new Date()) {
  const two = (number) => String(number).padStart(2, "0");
  const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join("-");
  return `camera ${day} ${two(now.getHours())}.${two(now.getMinutes())}.${two(now.getSeconds())}.jpg`;
}
