// The only file that talks to the server.

export class Problem extends Error {
  constructor(message, field = "", status = 0) { super(message); this.field = field; this.status = status; }
}

async function checked(answer) {
  if (answer.ok) return answer;
  let told = {};
  try { told = await answer.json(); } catch { /* no JSON: the status must do */ }
  throw new Problem(told.error ?? `The studio answered ${answer.status} ${answer.statusText}.`, told.field ?? "", answer.status);
}

async function sent(path, options) {
  let answer;
  try { answer = await fetch(path, options); } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem("The studio does not answer. Is `portrait-nst studio` still running?");
  }
  return checked(answer);
}

/** GET, or another method with a JSON body; the answer's JSON. */
export async function call(path, { method = "GET", body, signal } = {}) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  const answer = await sent(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal });
  return answer.status === 204 ? null : answer.json();
}

/** POST of JSON, answered by a picture: its blob. */
export async function picture(path, body, signal) {
  const answer = await sent(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal });
  return { blob: await answer.blob(), notes: JSON.parse(decodeURIComponent(answer.headers.get("X-Notes") ?? "%5B%5D")) };
}

/** POST of a file's bytes; onshare(0..1) tells how much is sent. */
export function upload(path, file, { name = file.name ?? "", onshare = () => {}, signal } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${path}${path.includes("?") ? "&" : "?"}name=${encodeURIComponent(name)}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && onshare(event.loaded / event.total);
    request.onerror = () => reject(new Problem("The upload was cut off. Is `portrait-nst studio` still running?"));
    request.onabort = () => reject(new DOMException("", "AbortError"));
    request.onload = () => (request.status < 300 ? resolve(request.response)
      : reject(new Problem(request.response?.error ?? `The studio answered ${request.status}.`, "", request.status)));
    signal?.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

/** Listen to jobs: on.job(job), on.gone(id), on.open() after each (re)connection, when jobs should be fetched anew; on.lost(source). */
export function listen(on) {
  const source = new EventSource("/api/events");
  source.addEventListener("open", () => on.open?.());
  source.addEventListener("job", (event) => on.job?.(JSON.parse(event.data)));
  source.addEventListener("gone", (event) => on.gone?.(JSON.parse(event.data).id));
  source.addEventListener("error", () => on.lost?.(source));
  return source;
}
