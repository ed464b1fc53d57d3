// Everything that the client needs of the browser, in one object, so that tests can replace it.

/** The real browser: sockets, timers, clocks, and the events after which to try again at once. */
export const browser = {
  WebSocket: globalThis.WebSocket,
  setTimeout: (callback, milliseconds) => setTimeout(callback, milliseconds),
  clearTimeout: (timer) => clearTimeout(timer),
  requestAnimationFrame: (callback) => requestAnimationFrame(callback),
  now: () => Date.now(),
  monotonicNow: () => performance.now(), // monotonic; may stop while the computer sleeps
  random: () => Math.random(),
  isHidden: () => document.hidden,
  reload: () => location.reload(),

  /** Calls `tell` with whether the server would answer this page now. */
  checkServer(tell) {
    fetch(location.href, { method: "HEAD", cache: "no-store" }).then(
      (answer) => tell(answer.ok),
      () => tell(false),
    );
  },

  /** URL of a socket path on the origin that served the page. */
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
   * Calls `wake` when the network may be back, `seen` when the tab becomes visible, and `leave`
   * when the page is left.
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
