import * as contracts from "../index.ts";
import { id, loneSurrogate, pair, type Row, url } from "./row.ts";

const device = { id: "d", name: "phone", platform: "ios", os: "18", model: "x" };
const credentials = { email: "ada@example.org", password: "correct horse" };

export const people: Record<string, Row> = {
  RegisterInput: {
    schema: contracts.RegisterInput,
    good: [
      credentials,
      { ...credentials, displayName: "Ada", phone: "+4915112345678", device },
      { ...credentials, email: "müller@bücher.example", displayName: pair.repeat(100), device: {} },
    ],
    required: ["email", "password"],
    bad: [
      { ...credentials, email: "ada" },
      { ...credentials, email: 7 },
      { ...credentials, email: `${"a".repeat(250)}@x.org` },
      { ...credentials, email: "a\0da@example.org" },
      { ...credentials, password: "" },
      { ...credentials, password: "x".repeat(1_025) },
      { ...credentials, password: `long enough ${loneSurrogate}` },
      { ...credentials, displayName: pair.repeat(101) },
      { ...credentials, phone: "0151 12345678" },
      { ...credentials, device: { name: "x".repeat(129) } },
      { ...credentials, device: { serial: "x" } },
    ],
  },
  LoginInput: {
    schema: contracts.LoginInput,
    good: [credentials, { ...credentials, deviceToken: "t", device }],
    required: ["email", "password"],
    bad: [
      { ...credentials, deviceToken: "" },
      { ...credentials, deviceToken: "t".repeat(513) },
    ],
  },
  RefreshInput: {
    schema: contracts.RefreshInput,
    good: [{ refreshToken: "r" }],
    required: ["refreshToken"],
    bad: [{ refreshToken: "" }, { refreshToken: 1 }, { refreshToken: "r".repeat(513) }],
  },
  LogoutInput: {
    schema: contracts.LogoutInput,
    good: [{}, undefined, { scope: "this" }, { scope: "others" }, { scope: "all" }],
    required: [],
    bad: [{ scope: "everyone" }],
  },
  StepUpInput: {
    schema: contracts.StepUpInput,
    good: [{ password: "p" }, { password: "p", code: "123456" }],
    required: ["password"],
    bad: [{ password: "p", code: 123_456 }],
  },
  UpsertProfileInput: {
    schema: contracts.UpsertProfileInput,
    good: [
      {},
      { username: "Ada_1", displayName: "", bio: "b".repeat(500), avatarUrl: url, status: pair.repeat(100) },
      { avatarUrl: null },
      { avatarUrl: "http://localhost:8080/a.png" },
    ],
    required: [],
    bad: [
      { username: "ad" },
      { username: "a".repeat(31) },
      { username: "ada-1" },
      { username: "ada\n" },
      { bio: "b".repeat(501) },
      { status: "s".repeat(101) },
      { status: null },
      { avatarUrl: "javascript:alert(1)" },
      { avatarUrl: "https://" },
      { avatarUrl: `https://example.org/${"a".repeat(2_048)}` },
    ],
  },
  GetProfileInput: {
    schema: contracts.GetProfileInput,
    good: [{ userId: id }, { userId: "11111111-1111-1111-1111-111111111111" }],
    required: ["userId"],
    bad: [{ userId: `${id}0` }, { userId: id.replaceAll("-", "") }, { userId: null }],
  },
};
