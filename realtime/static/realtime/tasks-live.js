// Background work, followed once by a page, however many of its parts show it.

import { openLive } from "./live.js";

const SOCKET = "/ws/tasks/";
const listeners = [];
let isCarried = false; // by a socket that the page has anyway
let isOpen = false;
let last = null; // { board, latest } or null

function tell(board, latest) {
  last = { board, latest };
  for (const { onBoard } of listeners) onBoard(board, latest);
}

/**
 * Be told of the runs on this page: at once of those known, then of each change.
 * @param {(board: {rows: Map, position: number | null}, latest: Map) => void} onBoard
 * @param {(state: {name: string, since: Date}) => void} onState
 */
export function followTasks(onBoard, onState = () => {}) {
  listeners.push({ onBoard, onState });
  if (last) onBoard(last.board, last.latest);
  if (isCarried || isOpen) return;
  isOpen = true;
  const onEachState = (state) => listeners.forEach((listener) => listener.onState(state));
  openLive({ socket: SOCKET, onBoard: tell, onState: onEachState });
}

/** A page whose own socket brings its person's runs says so first, and hands them on with this. */
export function shareTasks() {
  isCarried = true;
  return tell;
}
