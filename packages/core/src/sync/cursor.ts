import { Cursor as CursorText } from "@echo/contracts";
import { badRequest } from "@echo/platform";

/** A place in the log. A position means something within its epoch alone. */
export interface Cursor {
  epoch: string;
  /** Up to and with which everything was given. */
  position: number;
}

/** @throws EchoError BAD_REQUEST */
export function parseCursor(text: string): Cursor {
  if (!CursorText.safeParse(text).success) throw badRequest("The cursor must read epoch.position");
  const dot = text.lastIndexOf(".");
  return { epoch: text.slice(0, dot), position: Number(text.slice(dot + 1)) };
}

export const formatCursor = ({ epoch, position }: Cursor): string => `${epoch}.${position}`;
