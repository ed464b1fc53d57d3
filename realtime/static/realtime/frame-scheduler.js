// When to draw: once per animation frame while the tab is visible, at most once a second while it
// is hidden. A hidden tab gets no animation frames, yet its title and its acks must go on.

export const HIDDEN_PAUSE_MS = 1000;
const LATE_FRAME_MS = 500; // the tab may be hidden between the request and the frame

/**
 * Combines requests to draw. Calls `draw`, and `painted` after the browser has painted.
 * @returns {{ request: () => void, seen: () => void }} seen: the tab became visible
 */
export function createFrameScheduler({ draw, painted }, environment) {
  let wanted = false;
  let lastDrawn = -Infinity;
  let timer = null;

  function run() {
    if (!wanted) return;
    wanted = false;
    environment.clearTimeout(timer);
    lastDrawn = environment.monotonicNow();
    const seen = !environment.isHidden();
    draw();
    // A task queued from a frame's callback runs after that frame was painted.
    if (seen) environment.afterPaint(() => painted({ seen }));
    else painted({ seen });
  }

  function request() {
    const pause = environment.isHidden()
      ? lastDrawn + HIDDEN_PAUSE_MS - environment.monotonicNow()
      : null;
    const isWaiting = wanted;
    wanted = true;
    // Browsers run timers of a hidden tab once a minute, but deliver frames at once: draw now.
    if (pause !== null && pause <= 0) return run();
    if (isWaiting) return;
    timer = environment.setTimeout(run, pause ?? LATE_FRAME_MS);
    if (pause === null) environment.requestAnimationFrame(run);
  }

  /** Draws in the next frame, because the tab became visible. */
  function seen() {
    environment.clearTimeout(timer);
    wanted = false;
    request();
  }

  return { request, seen };
}
