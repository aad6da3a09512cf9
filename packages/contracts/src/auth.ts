import { z } from "zod";
import { Id, Time, textOf, WireText } from "./primitives.ts";
import { DisplayName, Profile } from "./users.ts";

const DeviceField = textOf(0, 128);

/** For display only: nothing is decided by it. */
export const DeviceInput = z.strictObject({
  id: DeviceField.optional(),
  name: DeviceField.optional(),
  platform: DeviceField.optional(),
  os: DeviceField.optional(),
  model: DeviceField.optional(),
});
export type DeviceInput = z.infer<typeof DeviceInput>;

/** Null: the client did not say. */
export const Device = z.object({
  id: z.string().nullable(),
  name: z.string().nullable(),
  platform: z.string().nullable(),
  os: z.string().nullable(),
  model: z.string().nullable(),
});
export type Device = z.infer<typeof Device>;

/** Null: not known. */
export const Place = z.object({
  country: z.string().nullable(),
  countryCode: z.string().nullable(),
  region: z.string().nullable(),
  city: z.string().nullable(),
  timezone: z.string().nullable(),
});
export type Place = z.infer<typeof Place>;

export const Session = z.object({
  id: Id,
  device: Device,
  ip: z.string(),
  place: Place,
  createdAt: Time,
  lastSeenAt: Time,
  expiresAt: Time,
  /** Whether the caller's own token belongs to it. */
  current: z.boolean(),
});
export type Session = z.infer<typeof Session>;

export const AuthResult = z.object({
  /** For `Authorization: Bearer` and `connectionParams.token`. */
  accessToken: z.string(),
  /** Opaque, for one use: each refresh answers the next. */
  refreshToken: z.string(),
  /** Opaque; sent along at the next sign-in, it tells a known device. No credential. */
  deviceToken: z.string(),
  /** Of the access token. */
  expiresAt: Time,
  user: z.object({ userId: Id, email: z.string(), emailVerified: z.boolean(), profile: Profile }),
  session: Session,
});
export type AuthResult = z.infer<typeof AuthResult>;

/** At most 254 octets as mail knows them (RFC 5321, 4.5.3.1); auth judges the rest. */
const Email = WireText.min(3)
  .max(254)
  .regex(/^[^@]+@[^@]+$|@.*@/, "Must be an e-mail address");
/** 1 KiB at most, so that nothing longer is ever hashed; auth judges a new one by its rules. */
const Password = WireText.min(1).max(1_024);
const Secret = WireText.min(1).max(512);

export const RegisterInput = z.strictObject({
  email: Email,
  password: Password,
  displayName: DisplayName.optional(),
  /** E.164. */
  phone: WireText.regex(/^\+[1-9]\d{6,14}$/, "Must be + and 7 to 15 digits").optional(),
  device: DeviceInput.optional(),
});
export type RegisterInput = z.infer<typeof RegisterInput>;

export const LoginInput = z.strictObject({
  email: Email,
  password: Password,
  deviceToken: Secret.optional(),
  device: DeviceInput.optional(),
});
export type LoginInput = z.infer<typeof LoginInput>;

export const RefreshInput = z.strictObject({ refreshToken: Secret });
export type RefreshInput = z.infer<typeof RefreshInput>;

/** "others" and "all" want a fresh proof of the password: STEP_UP_REQUIRED. */
export const LogoutInput = z.strictObject({ scope: z.enum(["this", "others", "all"]).default("this") }).prefault({});
export type LogoutInput = z.infer<typeof LogoutInput>;

export const StepUpInput = z.strictObject({ password: Password, code: Secret.optional() });
export type StepUpInput = z.infer<typeof StepUpInput>;

/** A token of the same session whose auth_time is now. */
export const StepUpResult = z.object({ accessToken: z.string(), expiresAt: Time });
export type StepUpResult = z.infer<typeof StepUpResult>;

export const Factor = z.enum(["totp", "recovery"]);
export type Factor = z.infer<typeof Factor>;

/** The caller's own account. */
export const Me = z.object({
  userId: Id,
  email: z.string(),
  emailVerified: z.boolean(),
  phone: z.string().nullable(),
  phoneVerified: z.boolean(),
  profile: Profile,
  /** Second factors that are on. */
  factors: z.array(Factor),
  /** When this session last proved a credential. */
  authTime: Time,
  session: Session,
});
export type Me = z.infer<typeof Me>;
