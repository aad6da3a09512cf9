import { describe, expect, test } from "vitest";
import { parseAddress } from "./address.ts";
import { normalizePassword, requireAcceptablePassword } from "./password-policy.ts";

const address = parseAddress("ada.lovelace@bücher.example");
const judge = (password: string, of = address) => requireAcceptablePassword(password, of);
const refused = expect.objectContaining({ code: "BAD_REQUEST" });

describe("accepted", () => {
  test.each([
    ["eight characters", "Tr4vel9x"],
    ["256 characters", "aé".repeat(128)],
    ["1,024 bytes", "😀".repeat(256)],
    ["a phrase with spaces", "four words of song"],
    ["letters alone", "zkwhvbqpom"],
    ["an address's word and four characters more", "ada.lovelace-4x7"],
    ["a short label of the address", "exzmple1"],
  ])("%s", (_what, password) => {
    expect(() => judge(password)).not.toThrow();
  });

  test("a domain label of three letters may appear", () => {
    expect(() => judge("devdevd1", parseAddress("longname@dev.io"))).not.toThrow();
  });
});

describe("refused", () => {
  test.each([
    ["seven characters", "Tr4vel9"],
    ["four emoji, eight UTF-16 units", "😀😁😂🤣"],
    ["257 characters", `${"ab".repeat(128)}c`],
    ["characters that NFKC makes longer than 256", "ﷺ".repeat(20)],
    ["a common one", "password1"],
    ["a common one in capitals", "PassWord1"],
    ["a common one in full-width letters", "ｐａｓｓｗｏｒｄ１"],
    ["the local part", "ada.lovelace"],
    ["the local part and three characters", "Ada.Lovelace123"],
    ["the whole address", "ada.lovelace@xn--bcher-kva.example"],
    ["a domain label as typed", "Bücher12"],
    ["a domain label as punycode", "xn--bcher-kva1"],
    ["the top level domain and a character", "example!"],
  ])("%s", (_what, password) => {
    expect(() => judge(password)).toThrow(refused);
  });
});

test("a password is one, however it was typed", () => {
  expect(normalizePassword("cafe\u0301 ＡＢＣ")).toBe(normalizePassword("café ABC"));
});
