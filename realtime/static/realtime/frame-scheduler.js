// When to draw: once per animation frame while the tab is seen, at most once a second while not.
// A hidden tab gets no animation frames, yet its title and its acknowledgements must go on.

export const HIDDEN_PAUSE_MS = 1000;
const LATE_FRAME_MS = 500; // the tab may be hidden between asking for a frame and getting it

/**
 * Gathers requests to draw. `draw` does it; `painted` is called after the browser has painted.
 * @returns {{ request: () => void, seen: () => void }}
 */
export function createFrameScheduler({ draw, painted }, environment) {
  let wanted = false;
  let lastDrawn = -Infinity;
  let timer = null;

  function run() {
    if (!wanted) return;
    wanted = false;
    environment.clearTimeout(timer);
    lastDrawn = environment.steady();
    const seen = !environment.isHidden();
    draw();
    // A task queued from a frame's callback runs after that frame was painted.
    if (seen) environment.afterPaint(() => painted({ seen }));
    else painted({ seen });
  }

  function request() {
    const pause = environment.isHidden()
      ? lastDrawn + HIDDEN_PAUSE_MS - environment.steady()
      : null;
    const isWaiting = wanted;
    wanted = true;
    // Browsers wake the timers of a hidden tab once a minute; what arrives comes at once.
    if (pause !== null && pause <= 0) return run();
    if (isWaiting) return;
    timer = environment.setTimeout(run, pause ?? LATE_FRAME_MS);
    if (pause === null) environment.requestAnimationFrame(run);
  }

  /** Somebody looks again: with the next frame, not when the hidden tab's pause is over. */
  function seen() {
    environment.clearTimeout(timer);
    wanted = false;
    request();
  }

  return { request, seen };
}
