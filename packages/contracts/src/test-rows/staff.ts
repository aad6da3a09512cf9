import * as contracts from "../index.ts";
import { loneSurrogate, type Row } from "./row.ts";

const email = "grace@example.org";
const password = "a long pass phrase";
const code = "012345";
const badCodes = ["12345", "1234567", "12 345", 12_345, "١٢٣٤٥٦", ""];

export const staff: Record<string, Row> = {
  SignInLinkInput: {
    schema: contracts.SignInLinkInput,
    good: [{ token: "t" }, { token: "t".repeat(128) }],
    required: ["token"],
    bad: [{ token: "" }, { token: "t".repeat(129) }, { token: 7 }],
  },
  SignInPasswordInput: {
    schema: contracts.SignInPasswordInput,
    good: [{ email, password }],
    required: ["email", "password"],
    bad: [
      { email: "g", password },
      { email: "g".repeat(255), password },
      { email, password: "" },
      { email, password: "p".repeat(1_025) },
      { email, password: loneSurrogate },
    ],
  },
  SignInTotpInput: {
    schema: contracts.SignInTotpInput,
    good: [{ challenge: "c", code }],
    required: ["challenge", "code"],
    bad: [{ challenge: "", code }, ...badCodes.map((each) => ({ challenge: "c", code: each }))],
  },
  StaffStepUpInput: {
    schema: contracts.StaffStepUpInput,
    good: [{}, { password }, { code }, { password, code }],
    required: [],
    bad: [{ password: "" }, { password: null }, ...badCodes.map((each) => ({ code: each }))],
  },
  StaffTotpCodeInput: {
    schema: contracts.StaffTotpCodeInput,
    good: [{ code }],
    required: ["code"],
    bad: badCodes.map((each) => ({ code: each })),
  },
};
