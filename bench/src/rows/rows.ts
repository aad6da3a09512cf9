import type { Row } from "../harness/row.ts";
import { burst } from "./burst.ts";
import { fanOut } from "./fan-out.ts";
import { me } from "./me.ts";
import { memory } from "./memory.ts";
import { sendDoor } from "./send-door.ts";
import { sendVerb } from "./send-verb.ts";

/** In the order in which they run. */
export const rows: readonly Row[] = [fanOut, burst, memory, sendVerb, sendDoor, me];
