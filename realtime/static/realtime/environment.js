// What the client needs of a browser, in one place, so that tests can stand in for all of it.

/** The real browser: sockets, timers, wall clock, and the events that say "try again now". */
export const browser = {
  WebSocket: globalThis.WebSocket,
  setTimeout: (callback, milliseconds) => setTimeout(callback, milliseconds),
  clearTimeout: (timer) => clearTimeout(timer),
  requestAnimationFrame: (callback) => requestAnimationFrame(callback),
  now: () => Date.now(),
  steady: () => performance.now(), // never set; may stand still while the computer sleeps
  random: () => Math.random(),
  isHidden: () => document.hidden,
  reload: () => location.reload(),

  /** Tell whether this page would be answered now. */
  askForPage(tell) {
    fetch(location.href, { method: "HEAD", cache: "no-store" }).then(
      (answer) => tell(answer.ok),
      () => tell(false),
    );
  },

  /** Full address of a socket path on the origin that served the page. */
  addressOf(path) {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    return `${scheme}//${location.host}${path}`;
  },

  afterPaint(callback) {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      callback();
    };
    channel.port2.postMessage(null);
  },

  /**
   * `wake` when a connection may have come back, `seen` when somebody looks again, `leave` when
   * the page is put away.
   */
  listen({ wake, leave, seen }) {
    addEventListener("online", wake);
    addEventListener("offline", wake);
    addEventListener("pagehide", leave);
    addEventListener("pageshow", (event) => event.persisted && wake());
    const back = () => {
      if (document.hidden) return;
      seen();
      wake();
    };
    document.addEventListener("visibilitychange", back);
    document.addEventListener("resume", back); // a page that the browser had frozen
  },
};
