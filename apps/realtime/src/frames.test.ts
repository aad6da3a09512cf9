import type { RealtimeEvent } from "@echo/contracts";
import { expect, test } from "vitest";
import { EventFrame, textFrame } from "./frames.ts";

const event: RealtimeEvent = { type: "cursor.advanced", at: "2026-11-25T00:00:00.000Z", data: { cursor: "e.1" } };

/** RFC 6455, 5.2, for an unmasked final text frame. */
function payloadOf(frame: Buffer): string {
  expect(frame[0]).toBe(0x81);
  const short = frame.readUInt8(1);
  const [bytes, start] =
    short < 126 ? [short, 2] : short === 126 ? [frame.readUInt16BE(2), 4] : [Number(frame.readBigUInt64BE(2)), 10];
  expect(frame.length).toBe(start + bytes);
  return frame.subarray(start).toString();
}

test.each([0, 1, 125, 126, 65_535, 65_536, 200_000])(
  "a text of %i bytes is framed with the shortest header",
  (bytes) => {
    expect(payloadOf(textFrame("x".repeat(bytes)))).toBe("x".repeat(bytes));
  },
);

test("length counts bytes, not characters", () => {
  expect(payloadOf(textFrame("é🙂".repeat(40)))).toBe("é🙂".repeat(40));
});

test("an event is framed as tRPC's tracked data, with the client's own id", () => {
  const frame = new EventFrame("e.7", event);

  for (const id of ["1", '"a\\"b"', '"é"', "-0.5"]) {
    expect(JSON.parse(payloadOf(frame.for(id)))).toEqual({
      id: JSON.parse(id),
      result: { type: "data", id: "e.7", data: { id: "e.7", data: event } },
    });
  }
});

test("an event is framed once per id: the same bytes for every socket, until they are forgotten", () => {
  const frame = new EventFrame("e.7", event);
  const first = frame.for("1");
  frame.for("2");

  expect(frame.for("1")).toBe(first);
  expect(frame.once("1")).not.toBe(first);
  frame.forget();
  expect(frame.for("1")).not.toBe(first);
  expect(frame.for("1")).toEqual(first);
});
