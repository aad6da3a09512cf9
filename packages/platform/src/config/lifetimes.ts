import { z } from "zod";

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** How long what security.md bounds may live. */
export const defaultLifetimes = {
  accessMs: 15 * minuteMs,
  refreshMs: 7 * dayMs,
  sessionMs: 90 * dayMs,
  refreshGraceMs: 10 * secondMs,
  codeMs: 30 * minuteMs,
  otpMs: 10 * minuteMs,
  challengeMs: 5 * minuteMs,
  stepUpMs: 10 * minuteMs,
  staffIdleMs: 30 * minuteMs,
  staffSessionMs: 12 * hourMs,
  staffLinkMs: 15 * minuteMs,
  liveTicketMs: 30 * secondMs,
};

const shorterThan = (byDefault: number) => {
  const sentence = `must be a whole number of milliseconds from 1 to ${byDefault}: a lifetime can only be shortened`;
  return z.int(sentence).min(1, sentence).max(byDefault, sentence).default(byDefault);
};

/** ECHO_LIFETIMES: any part of it. */
export const Lifetimes = z.strictObject({
  accessMs: shorterThan(defaultLifetimes.accessMs),
  refreshMs: shorterThan(defaultLifetimes.refreshMs),
  sessionMs: shorterThan(defaultLifetimes.sessionMs),
  refreshGraceMs: shorterThan(defaultLifetimes.refreshGraceMs),
  codeMs: shorterThan(defaultLifetimes.codeMs),
  otpMs: shorterThan(defaultLifetimes.otpMs),
  challengeMs: shorterThan(defaultLifetimes.challengeMs),
  stepUpMs: shorterThan(defaultLifetimes.stepUpMs),
  staffIdleMs: shorterThan(defaultLifetimes.staffIdleMs),
  staffSessionMs: shorterThan(defaultLifetimes.staffSessionMs),
  staffLinkMs: shorterThan(defaultLifetimes.staffLinkMs),
  liveTicketMs: shorterThan(defaultLifetimes.liveTicketMs),
});
export type Lifetimes = z.infer<typeof Lifetimes>;
