import { expect, test } from "vitest";
import { FrameWalker } from "./frame-walker.ts";

const frameOf = (text: string): Buffer => {
  const body = Buffer.from(text);
  if (body.length < 126) return Buffer.concat([Buffer.from([0x81, body.length]), body]);
  const header = Buffer.from([0x81, 126, 0, 0]);
  header.writeUInt16BE(body.length, 2);
  return Buffer.concat([header, body]);
};
const texts = ["a", "b".repeat(125), "c".repeat(126), "d".repeat(5_000), ""];
const stream = Buffer.concat(texts.map(frameOf));

function walk(chunkBytes: number, keep: boolean) {
  const walker = new FrameWalker(keep);
  const sizes: number[] = [];
  const read: string[] = [];
  for (let at = 0; at < stream.length; at += chunkBytes) {
    walker.walk(stream.subarray(at, at + chunkBytes), (bytes, chunk, { start, end, isWhole }) => {
      sizes.push(bytes);
      if (isWhole) read.push(chunk.toString("utf8", start, end));
    });
  }
  return { sizes, read };
}

test.each([1, 2, 3, 7, 130, 4_096, 100_000])("frames are counted whatever the chunks: %i bytes", (chunkBytes) => {
  expect(walk(chunkBytes, false).sizes).toEqual(texts.map((text) => text.length));
});

test.each([1, 5, 129, 100_000])("a walker that keeps reads every frame: %i bytes", (chunkBytes) => {
  expect(walk(chunkBytes, true).read).toEqual(texts);
});

test.each([1, 100])("a close is told, whatever the chunks: %i bytes", (chunkBytes) => {
  const frames = Buffer.concat([frameOf("a"), Buffer.from([0x88, 2, 0x03, 0xf5])]);
  const walker = new FrameWalker(false);
  const closes: boolean[] = [];
  for (let at = 0; at < frames.length; at += chunkBytes) {
    walker.walk(frames.subarray(at, at + chunkBytes), (_bytes, _chunk, { isClose }) => closes.push(isClose));
  }
  expect(closes).toEqual([false, true]);
});
