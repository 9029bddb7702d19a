// The WebSocket to the process that paints.

const IN_FLIGHT = 2; // frames on their way: while one is painted, the next is looked at
const LOST = "The studio does not answer any more. Is `portrait-nst studio` still running?";

/**
 * on.picture(blob, delay): a painted frame, and the milliseconds since it was sent. on.state(facts): {ready, someone, seconds, notes}.
 * on.end({error, busy}): it is over, and was not closed by us; called once.
 */
export class Link {
  #socket;
  #sent = []; // when the frames on their way were sent, the oldest first
  #ended = false;
  #reason = null;

  constructor(on, { takeOver = false } = {}) {
    const address = new URL(`/api/live${takeOver ? "?take_over=true" : ""}`, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.#socket = new WebSocket(address);
    this.#socket.binaryType = "blob";
    this.opened = new Promise((resolve) => { this.#socket.onopen = resolve; });
    this.#socket.onclose = () => {
      if (this.#ended) return;
      this.#ended = true;
      on.end(this.#reason ?? { error: LOST, busy: false });
    };
    this.#socket.onmessage = ({ data }) => {
      if (data instanceof Blob) return on.picture(data, performance.now() - (this.#sent.shift() ?? performance.now()));
      const facts = JSON.parse(data);
      if (facts.error) this.#reason = facts;
      else if (facts.dropped) this.#sent.splice(0, facts.dropped);
      else on.state(facts);
    };
  }

  get isOpen() { return this.#socket.readyState === WebSocket.OPEN; }

  /** Whether another frame may be sent now. */
  get hasRoom() { return this.isOpen && this.#sent.length < IN_FLIGHT; }

  /** Paint so from now on: {style: [{style, share}], strength, person, all, longest}. */
  wish(values) { if (this.isOpen) this.#socket.send(JSON.stringify(values)); }

  /** taken: the performance.now() at which the camera gave it. */
  paint(blob, taken) {
    if (!this.isOpen) return;
    this.#sent.push(taken);
    this.#socket.send(blob);
  }

  close() {
    this.#ended = true;
    this.#socket.close();
  }
}
