import { z } from "zod";
import { HttpUrl, Id, textOf, WireText } from "./primitives.ts";

/** A person as others see them; texts are "" while unset. */
export const Profile = z.object({
  userId: Id,
  username: z.string(),
  displayName: z.string(),
  bio: z.string(),
  avatarUrl: z.string().nullable(),
  status: z.string(),
});
export type Profile = z.infer<typeof Profile>;

/** Unique without regard to case. */
export const Username = WireText.regex(/^[A-Za-z0-9_]{3,30}$/, "Must be 3 to 30 of A-Z, a-z, 0-9 and _");
export const DisplayName = textOf(0, 100);

/** What is absent stays; "" and null unset, but for a username, which can only be changed. */
export const UpsertProfileInput = z.strictObject({
  username: Username.optional(),
  displayName: DisplayName.optional(),
  bio: textOf(0, 500).optional(),
  avatarUrl: HttpUrl.nullable().optional(),
  status: textOf(0, 100).optional(),
});
export type UpsertProfileInput = z.infer<typeof UpsertProfileInput>;

export const GetProfileInput = z.strictObject({ userId: Id });
export type GetProfileInput = z.infer<typeof GetProfileInput>;
