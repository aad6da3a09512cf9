import { describe, expect, test } from "vitest";
import { parseAddress } from "./address.ts";

const normalized = (email: string) => parseAddress(email).normalized;

describe("one account has one spelling", () => {
  test.each([
    ["Ada@Example.TEST", "ada@example.test"],
    ["ＡＤＡ＠example.test", "ada@example.test"],
    ["ada@bücher.example", "ada@xn--bcher-kva.example"],
    ["ada@BÜCHER.example", "ada@xn--bcher-kva.example"],
    ["ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"],
    ["ﬁona@example.test", "fiona@example.test"],
    ["K@example.test", "k@example.test"],
    ["I@example.test", "i@example.test"],
    ["ada@bücher.example", "ada@xn--bcher-kva.example"],
    ["ada+tag@example.test", "ada+tag@example.test"],
    ["a.b@localhost", "a.b@localhost"],
  ])("%s", (typed, expected) => {
    expect(normalized(typed)).toBe(expected);
  });

  test("the address is kept as typed, for mail", () => {
    expect(parseAddress("Ada@Example.TEST").email).toBe("Ada@Example.TEST");
  });
});

describe("refused", () => {
  test.each([
    ["white space before", " ada@example.test"],
    ["white space after", "ada@example.test "],
    ["no-break space", "ada\u00a0x@example.test"],
    ["a line break", "ada@example.test\r\nBcc: eve@example.test"],
    ["NUL", "ada\u0000@example.test"],
    ["a zero-width space", "ada\u200b@example.test"],
    ["a zero-width joiner in the domain", "ada@exam\u200dple.test"],
    ["a soft hyphen", "ad\u00ada@example.test"],
    ["a bidi override", "\u202eada@example.test"],
    ["a variation selector", "ada\ufe0f@example.test"],
    ["a Hangul filler", "ada\u3164@example.test"],
    ["a lone surrogate", "ada\ud800@example.test"],
    ["a trailing dot", "ada@example.test."],
    ["an ideographic trailing dot", "ada@example.test。"],
    ["no @", "ada.example.test"],
    ["two @", "ada@eve@example.test"],
    ["no local part", "@example.test"],
    ["no domain", "ada@"],
    ["two dots", "ada..b@example.test"],
    ["a dot first", ".ada@example.test"],
    ["a quoted local part", '"ada b"@example.test'],
    ["an escape in the domain", "ada@ex%61mple.test"],
    ["a path in the domain", "ada@example.test/x"],
    ["a port", "ada@example.test:25"],
    ["an address literal", "ada@[127.0.0.1]"],
    ["a number for a domain", "ada@127.1"],
    ["an underscore label", "ada@ex_ample.test"],
    ["a hyphen last", "ada@example-.test"],
    ["an empty label", "ada@example..test"],
    ["a long local part", `${"a".repeat(65)}@example.test`],
    ["a long address", `ada@${"a.".repeat(126)}test`],
    ["nothing", ""],
  ])("%s", (_why, typed) => {
    expect(() => parseAddress(typed)).toThrow(expect.objectContaining({ code: "BAD_REQUEST" }));
  });
});
