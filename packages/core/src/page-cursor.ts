import { badRequest } from "@echo/platform";
import { z } from "zod";

/** Where a page ends in a list that is ordered by a time, then an id. */
const Place = z.tuple([z.iso.datetime().transform((at) => new Date(at)), z.uuid()]);
export interface Place {
  at: Date;
  id: string;
}

/** An opaque `nextCursor`. */
export function formatPlace({ at, id }: Place): string {
  return Buffer.from(JSON.stringify([at, id])).toString("base64url");
}

/**
 * Reads a cursor that `formatPlace` made; absent: the beginning.
 * @throws EchoError BAD_REQUEST
 */
export function parsePlace(cursor: string | undefined): Place | null {
  if (cursor === undefined) return null;
  try {
    const [at, id] = Place.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
    return { at, id };
  } catch (cause) {
    throw badRequest("The cursor is not one that this list gave", cause);
  }
}
