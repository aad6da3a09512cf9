/** What one line of an IRC log does. `line` counts from 0, as the reply links do. */
export type LogAction =
  | { kind: "join"; line: number; minute: number; nick: string }
  | { kind: "leave"; line: number; minute: number; nick: string }
  | { kind: "rename"; line: number; minute: number; nick: string; to: string }
  | { kind: "say"; line: number; minute: number; nick: string; text: string };

export interface ParsedLog {
  actions: LogAction[];
  /** Messages without text, modes, topics and what else says nothing: line number and reason. */
  skipped: { line: number; reason: string }[];
}

const said = /^\[(\d\d):(\d\d)\] <([^>]+)> ?(.*)$/;
const acted = /^\[(\d\d):(\d\d)\] {1,2}\* (\S+) (.*)$/;
const joined = /^=== (\S+) \[[^\]]*\] {1,2}has joined /;
const left = /^=== (\S+) \[[^\]]*\] {1,2}has (?:left|quit)/;
const kicked = /^=== (\S+) was kicked off /;
const renamed = /^=== (\S+) is now known as (\S+)\s*$/;
const server = /^=== (?:mode\/|\.\.\[topic\/|topic\b)/;
const actedBefore2008 = /^=== (\S+) +(.+)$/;

/** An action (or null) for a line that starts with `===`. */
function parseNotice(text: string, at: { line: number; minute: number }): LogAction | null {
  const join = joined.exec(text);
  if (join?.[1]) return { kind: "join", ...at, nick: join[1] };
  const leave = left.exec(text) ?? kicked.exec(text);
  if (leave?.[1]) return { kind: "leave", ...at, nick: leave[1] };
  const rename = renamed.exec(text);
  if (rename?.[1] && rename[2]) return { kind: "rename", ...at, nick: rename[1], to: rename[2] };
  if (server.test(text)) return null;
  const act = actedBefore2008.exec(text);
  return act?.[1] && act[2] ? { kind: "say", ...at, nick: act[1], text: act[2].trim() } : null;
}

/** Minutes of a clock that may be a twelve-hour one and may pass midnight: the first reading that is not before `after`. */
function minuteOf(hours: string, minutes: string, after: number): number {
  let minute = Number(hours) * 60 + Number(minutes);
  while (minute < after) minute += 720;
  return minute;
}

/** Reads `[hh:mm] <nick> text`, actions, and the `===` lines about people. */
export function parseLog(content: string): ParsedLog {
  const actions: LogAction[] = [];
  const skipped: ParsedLog["skipped"] = [];
  let minute = 0;
  content.split("\n").forEach((text, line) => {
    if (text === "") return;
    const message = said.exec(text) ?? acted.exec(text);
    if (!message) {
      const action = parseNotice(text, { line, minute });
      if (action) actions.push(action);
      else skipped.push({ line, reason: "says nothing about people" });
      return;
    }
    const [, hours = "0", minutes = "0", nick = "", body = ""] = message;
    minute = minuteOf(hours, minutes, minute);
    if (body.trim() === "") skipped.push({ line, reason: "no text" });
    else actions.push({ kind: "say", line, minute, nick, text: body });
  });
  return { actions, skipped };
}

/** Reply links `earlier later -`: for each line the nearest earlier line that it answers. */
export function parseLinks(content: string): Map<number, number> {
  const nearest = new Map<number, number>();
  for (const row of content.split("\n")) {
    const [a, b] = row.split(/\s+/).map(Number);
    if (a === undefined || b === undefined || Number.isNaN(a) || Number.isNaN(b) || a === b) continue;
    const [earlier, later] = a < b ? [a, b] : [b, a];
    nearest.set(later, Math.max(earlier, nearest.get(later) ?? -1));
  }
  return nearest;
}
