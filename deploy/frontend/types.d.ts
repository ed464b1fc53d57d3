// Types that the JSDoc of the scripts names. Rows have the shape that interview/live/rows.py and
// realtime/background/rows.py give them; fields that no script reads are left out.

type Translate = (key: string, values?: Record<string, unknown>) => string;

type App = import("../../build/static/interview/board/app.js").App;

/** The reader's copy of a live list; see realtime/stream.js. */
interface Board {
  epoch: string | null;
  position: number | null;
  rows: Map<string, any>;
  stale: boolean;
}

/** What openLive() returns. */
interface LiveList {
  /** Tells the server which row this person looks at. */
  watch: (key: string | null) => void;
  /** The server's time, or the computer's until the first welcome. */
  now: () => Date;
  /** Replaces the list by that of another socket's path. */
  follow: (socket: string) => void;
  close: () => void;
}

/** State of the live connection and since when it has been so, in the server's time. */
interface ConnectionState {
  name:
    | "live"
    | "catching-up"
    | "stalled"
    | "offline"
    | "outdated"
    | "signed-out"
    | "refused"
    | "broken";
  since: Date;
}

/** Answer of the REST API; status 0 if the server could not be reached. */
interface ApiAnswer {
  ok: boolean;
  status: number;
  body: any;
}

/** What interview/views/client_rules.py sends. */
interface ClientRules {
  waiting: string[];
  ended: string[];
  not_taking_place: string[];
  settled_scorecards: string[];
  feedback_overdue_minutes: number;
  late_room_minutes: number;
  shift_limit_minutes: number;
  check_in_lead_minutes: number;
  reason_length: number;
}

interface CardFilter {
  query: string;
  rounds: Set<number>;
  jobs: Set<string>;
  rooms: Set<number>;
  only: string | null;
}

interface Assignment {
  id: number;
  name: string;
  response: "pending" | "accepted" | "declined";
  decline_reason: string;
  late_minutes?: number;
  scorecard: "none" | "draft" | "submitted" | "dismissed";
}

/** A row of kind "interview" on the board; times are ISO text. */
interface InterviewCard {
  key: string;
  kind: "interview";
  version: number;
  id: number;
  url: string;
  candidate: string;
  candidate_id: number;
  search: string;
  job: string;
  round: number;
  round_name: string;
  round_name_en: string;
  room: string;
  room_id: number;
  day: string;
  starts_at: string;
  ends_at: string;
  expected_at: string | null;
  arrived_at: string | null;
  started_at: string | null;
  finished_at: string | null;
  status: string;
  side: string;
  reason: string;
  flags: string[];
  interviewers: string[];
  assignments: Assignment[];
  feedback: { due: number; in: number };
  follow_up?: FollowUp | null;
}

interface FollowUp {
  flag: string;
  by_id: number;
  by: string;
  snoozed_until: string | null;
}

/** A row of kind "room" on the board. */
interface RoomRow {
  key: string;
  kind: "room";
  version: number;
  id: number;
  name: string;
  position: number;
  is_active: boolean;
  room_kind: string;
  directions: string;
  delay_minutes: number;
}

interface Window {
  SwaggerUIBundle: (options: object) => unknown; // a classic script of Swagger UI
}

// Which elements a selector finds is the templates' business, so the check does not follow it.
interface ParentNode {
  querySelector(selectors: string): any;
  querySelectorAll(selectors: string): NodeListOf<any>;
}

interface Document {
  getElementById(id: string): any;
}
