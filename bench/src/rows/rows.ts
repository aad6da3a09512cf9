import type { Row } from "../harness/row.ts";
import { burst } from "./burst.ts";
import { coldStart } from "./cold-start.ts";
import { consume } from "./consume.ts";
import { e2e } from "./e2e.ts";
import { fanOut } from "./fan-out.ts";
import { latency } from "./latency.ts";
import { me } from "./me.ts";
import { memory } from "./memory.ts";
import { relay } from "./relay.ts";
import { resume } from "./resume.ts";
import { sendDoor } from "./send-door.ts";
import { sendVerb } from "./send-verb.ts";
import { storm } from "./storm.ts";

/** In the order in which they run. */
export const rows: readonly Row[] = [
  fanOut,
  burst,
  memory,
  storm,
  latency,
  sendVerb,
  sendDoor,
  e2e,
  me,
  resume,
  coldStart,
  relay,
  consume,
];
