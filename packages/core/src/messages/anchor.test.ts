import { describe, expect, test } from "vitest";
import { type Anchor, cut, reachOf } from "./anchor.ts";

/** Reads from these seqs as the database does. */
function read(seqs: number[], anchor: Anchor) {
  const { belowSeq, below, fromSeq, above } = reachOf(anchor);
  const rows = [
    ...seqs.filter((seq) => seq < belowSeq).slice(-below),
    ...seqs.filter((seq) => seq >= fromSeq).slice(0, above),
  ].map((seq) => ({ seq }));
  const { page, ...more } = cut(rows, anchor);
  return { seqs: page.map((row) => row.seq), ...more };
}

const ten = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

describe("a page of history", () => {
  const cases: [string, Anchor, { seqs: number[]; hasMoreBefore: boolean; hasMoreAfter: boolean }][] = [
    ["the newest without an anchor", { limit: 3 }, { seqs: [8, 9, 10], hasMoreBefore: true, hasMoreAfter: false }],
    ["everything when it fits", { limit: 10 }, { seqs: ten, hasMoreBefore: false, hasMoreAfter: false }],
    ["before, exclusive", { beforeSeq: 4, limit: 2 }, { seqs: [2, 3], hasMoreBefore: true, hasMoreAfter: true }],
    ["before the first", { beforeSeq: 1, limit: 2 }, { seqs: [], hasMoreBefore: false, hasMoreAfter: true }],
    ["before the end", { beforeSeq: 99, limit: 2 }, { seqs: [9, 10], hasMoreBefore: true, hasMoreAfter: false }],
    ["after, exclusive", { afterSeq: 3, limit: 2 }, { seqs: [4, 5], hasMoreBefore: true, hasMoreAfter: true }],
    ["after nothing", { afterSeq: 0, limit: 2 }, { seqs: [1, 2], hasMoreBefore: false, hasMoreAfter: true }],
    ["after the last", { afterSeq: 10, limit: 2 }, { seqs: [], hasMoreBefore: true, hasMoreAfter: false }],
    ["around, centred", { aroundSeq: 5, limit: 5 }, { seqs: [3, 4, 5, 6, 7], hasMoreBefore: true, hasMoreAfter: true }],
    ["around one", { aroundSeq: 5, limit: 1 }, { seqs: [5], hasMoreBefore: true, hasMoreAfter: true }],
    ["around the first", { aroundSeq: 1, limit: 4 }, { seqs: [1, 2, 3, 4], hasMoreBefore: false, hasMoreAfter: true }],
    ["around the last", { aroundSeq: 10, limit: 4 }, { seqs: [7, 8, 9, 10], hasMoreBefore: true, hasMoreAfter: false }],
    ["around beyond the end", { aroundSeq: 11, limit: 4 }, { seqs: [], hasMoreBefore: true, hasMoreAfter: false }],
  ];
  test.each(cases)("%s", (_name, anchor, expected) => {
    expect(read(ten, anchor)).toEqual(expected);
  });

  test("of one message: nothing lies before or after it", () => {
    for (const anchor of [{ beforeSeq: 1 }, { afterSeq: 1 }]) {
      expect(read([1], { ...anchor, limit: 5 })).toEqual({ seqs: [], hasMoreBefore: false, hasMoreAfter: false });
    }
  });

  test("of an empty history", () => {
    for (const anchor of [{}, { beforeSeq: 5 }, { afterSeq: 0 }, { aroundSeq: 0 }]) {
      expect(read([], { ...anchor, limit: 5 })).toEqual({ seqs: [], hasMoreBefore: false, hasMoreAfter: false });
    }
  });
});
