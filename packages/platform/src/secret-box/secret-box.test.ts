import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createSecretBox, deriveKey } from "./secret-box.ts";

const secret = randomBytes(32);
const place = { purpose: "signing-key", context: "row-1" };
const plaintext = new Uint8Array(Buffer.from("the private key"));
const internal = expect.objectContaining({ code: "INTERNAL" });

test("what was sealed opens again, never twice alike, and does not show what it holds", () => {
  const box = createSecretBox({ secret });

  const [first, second] = [box.seal(plaintext, place), box.seal(plaintext, place)];

  expect(box.open(first, place)).toEqual(plaintext);
  expect(box.open(box.seal(new Uint8Array(), place), place)).toEqual(new Uint8Array());
  expect(first).not.toEqual(second);
  expect(Buffer.from(first).includes("private")).toBe(false);
});

test("a sealed value opens neither for another purpose nor in another row", () => {
  const box = createSecretBox({ secret });
  const sealed = box.seal(plaintext, place);

  expect(() => box.open(sealed, { ...place, purpose: "totp" })).toThrow(internal);
  expect(() => box.open(sealed, { ...place, context: "row-2" })).toThrow(internal);
});

test("each changed or missing byte is noticed", () => {
  const box = createSecretBox({ secret });
  const sealed = box.seal(plaintext, place);

  for (const index of sealed.keys()) {
    const changed = sealed.map((byte, at) => (at === index ? byte ^ 1 : byte));
    expect(() => box.open(changed, place)).toThrow(internal);
    expect(() => box.open(sealed.slice(0, index), place)).toThrow(internal);
  }
});

test("after a rotation the previous secret still opens what it sealed, and tells that it is old", () => {
  const sealed = createSecretBox({ secret }).seal(plaintext, place);
  const rotated = createSecretBox({ secret: randomBytes(32), previousSecret: secret });

  expect(rotated.open(sealed, place)).toEqual(plaintext);
  expect(rotated.isOld(sealed)).toBe(true);
  expect(rotated.isOld(rotated.seal(plaintext, place))).toBe(false);
  expect(() => createSecretBox({ secret: randomBytes(32) }).open(sealed, place)).toThrow("ECHO_SECRET");
});

test("a derived key is 32 bytes, the same for a purpose and other for another", () => {
  expect(deriveKey(secret, "otp")).toHaveLength(32);
  expect(deriveKey(secret, "otp")).toEqual(deriveKey(secret, "otp"));
  expect(deriveKey(secret, "otp")).not.toEqual(deriveKey(secret, "audit"));
});
