import type { Row } from "../harness/row.ts";
import { fanOut } from "./fan-out.ts";

/** In the order in which they run. */
export const rows: readonly Row[] = [fanOut];
