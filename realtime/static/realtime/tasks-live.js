// One live list of background tasks for a page, however many parts of the page show it.

import { openLive } from "./live.js";

const SOCKET = "/ws/tasks/";
const listeners = [];
let isShared = false; // by another socket of the page
let isOpen = false;
let last = null; // { board, latest } or null

function tell(board, latest) {
  last = { board, latest };
  for (const { onBoard } of listeners) onBoard(board, latest);
}

/**
 * Calls `onBoard` with the tasks known now, and after each change.
 * @param {(board: Board, latest: Map<string, any>) => void} onBoard
 * @param {(state: ConnectionState) => void} onState
 */
export function followTasks(onBoard, onState = () => {}) {
  listeners.push({ onBoard, onState });
  if (last) onBoard(last.board, last.latest);
  if (isShared || isOpen) return;
  isOpen = true;
  const onEachState = (state) => {
    for (const listener of listeners) listener.onState(state);
  };
  openLive({ socket: SOCKET, onBoard: tell, onState: onEachState });
}

/**
 * For a page whose own socket carries the tasks: call this first, then pass on what arrives with
 * the function it returns.
 */
export function shareTasks() {
  isShared = true;
  return tell;
}
