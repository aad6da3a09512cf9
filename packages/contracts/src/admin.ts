import { z } from "zod";
import { Id, Time, WireText } from "./primitives.ts";

/** What a member of staff may do; each includes the one before. */
export const StaffRole = z.enum(["viewer", "support", "admin"]);
export type StaffRole = z.infer<typeof StaffRole>;

export const Staff = z.object({
  id: Id,
  name: z.string(),
  /** Null for the local admin, who signs in by link alone. */
  email: z.string().nullable(),
  role: StaffRole,
  /** The admin of an embedded system on loopback. */
  isLocal: z.boolean(),
});
export type Staff = z.infer<typeof Staff>;

export const StaffFactor = z.enum(["password", "totp"]);
export type StaffFactor = z.infer<typeof StaffFactor>;

/** The caller's own account and session in the console. */
export const StaffMe = z.object({
  staff: Staff,
  /** What this account can prove itself with. */
  factors: z.array(StaffFactor),
  /** Until when destructive acts are allowed without `admin.stepUp`; null: they are not. */
  steppedUpUntil: Time.nullable(),
  session: z.object({
    id: Id,
    createdAt: Time,
    /** Ends earlier when nothing is asked for until then; each call moves it. */
    idleExpiresAt: Time,
    expiresAt: Time,
  }),
});
export type StaffMe = z.infer<typeof StaffMe>;

const OneTimeSecret = WireText.min(1).max(128);
const StaffEmail = WireText.min(3).max(254);
const StaffPassword = WireText.min(1).max(1_024);
const TotpCode = z.string().regex(/^\d{6}$/, "Must be six digits");

/** `token` stands behind `/sign-in#token=` in the link that each start prints. */
export const SignInLinkInput = z.strictObject({ token: OneTimeSecret });
export type SignInLinkInput = z.infer<typeof SignInLinkInput>;

export const SignInPasswordInput = z.strictObject({ email: StaffEmail, password: StaffPassword });
export type SignInPasswordInput = z.infer<typeof SignInPasswordInput>;

/** The password was right; `admin.signIn.totp` completes the sign-in with it. */
export const StaffChallenge = z.object({ challenge: z.string(), expiresAt: Time });
export type StaffChallenge = z.infer<typeof StaffChallenge>;

export const SignInTotpInput = z.strictObject({ challenge: OneTimeSecret, code: TotpCode });
export type SignInTotpInput = z.infer<typeof SignInTotpInput>;

/** Every factor that the account has: the password, and the code when TOTP is on. */
export const StaffStepUpInput = z.strictObject({ password: StaffPassword.optional(), code: TotpCode.optional() });
export type StaffStepUpInput = z.infer<typeof StaffStepUpInput>;

export const StaffStepUpResult = z.object({ steppedUpUntil: Time });
export type StaffStepUpResult = z.infer<typeof StaffStepUpResult>;

/** `uri` is the otpauth: address that an authenticator scans; `secret` the same, base32, to be typed. */
export const StaffTotpEnrollment = z.object({ uri: z.string(), secret: z.string() });
export type StaffTotpEnrollment = z.infer<typeof StaffTotpEnrollment>;

export const StaffTotpCodeInput = z.strictObject({ code: TotpCode });
export type StaffTotpCodeInput = z.infer<typeof StaffTotpCodeInput>;

/** One realtime node, as it told of itself. */
export const HubNode = z.object({
  /** `host:port` of its public door. */
  name: z.string(),
  /** Open authenticated sockets, and the users they belong to. */
  sockets: z.int().min(0),
  users: z.int().min(0),
  heardAt: Time,
});
export type HubNode = z.infer<typeof HubNode>;

/** A group that reads the event log. */
export const ConsumerGroup = z.object({
  group: z.string(),
  /** Events that it did not handle yet, and how long ago the oldest of them came; both 0 when there is none. */
  behind: z.object({ events: z.int().min(0), seconds: z.number().min(0) }),
  deadLetters: z.int().min(0),
});
export type ConsumerGroup = z.infer<typeof ConsumerGroup>;

/** The state of the whole system at a glance. */
export const Overview = z.object({
  at: Time,
  users: z.object({ total: z.int(), newLastDay: z.int() }),
  /** Nodes heard of within 15 s, by name; each tells every 5 s. */
  nodes: z.array(HubNode),
  /** Over the 60 s before `at`: messages sent, and messages acknowledged by a recipient's device, counted per recipient. */
  lastMinute: z.object({ sends: z.int(), deliveries: z.int() }),
  log: z.object({ epoch: z.string(), position: z.int() }),
  /** By name. Empty before the first worker ran. */
  consumers: z.array(ConsumerGroup),
  /** The last 24 hours as the group `rollups` counted them, oldest first; the last one is not over yet. Whole hours UTC. */
  hours: z.array(z.object({ startsAt: Time, messages: z.int(), activeSenders: z.int() })).length(24),
});
export type Overview = z.infer<typeof Overview>;
