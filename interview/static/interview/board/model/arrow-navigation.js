// Finds the next card for an arrow key from the positions of the cards on the screen. Pure
// functions.

const SIDEWAYS_WEIGHT = 3; // prefers cards straight ahead

const middle = (box) => ({ x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 });

/**
 * The key of the nearest box in a direction, or null.
 * @param {{key: string, box: {left: number, right: number, top: number, bottom: number}}[]}
 *   places
 * @param {string} from key of the box to start from
 * @param {string} direction name of an arrow key, such as ArrowLeft
 */
export function nearestCard(places, from, direction) {
  const start = places.find(({ key }) => key === from);
  if (!start) return places[0]?.key ?? null;
  const begin = middle(start.box);
  let best = null;
  for (const { key, box } of places) {
    if (key === from) continue;
    const distance = distanceTo(begin, start.box, middle(box), box, direction);
    if (distance !== null && (best === null || distance < best.distance)) best = { key, distance };
  }
  return best?.key ?? null;
}

function distanceTo(begin, startBox, end, box, direction) {
  const isAcross = direction === "ArrowLeft" || direction === "ArrowRight";
  const sign = direction === "ArrowLeft" || direction === "ArrowUp" ? -1 : 1;
  const ahead = (isAcross ? end.x - begin.x : end.y - begin.y) * sign;
  const askew = isAcross ? end.y - begin.y : end.x - begin.x;
  if (ahead <= 1) return null;
  const isInLine = isAcross
    ? box.bottom > startBox.top && box.top < startBox.bottom
    : box.right > startBox.left && box.left < startBox.right;
  if (isAcross && !isInLine) return null; // left and right stay within the row
  return ahead + Math.abs(askew) * (isInLine ? 1 : SIDEWAYS_WEIGHT);
}
