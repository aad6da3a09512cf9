import { formatTable } from "../stack/table.ts";
import type { Finding, Level } from "./finding.ts";

const marks: Record<Level, string> = { fine: "✓ fine", warning: "! warning", fault: "✗ fault" };

/** One line a check; what is not fine ends with the command that mends it. */
export const formatFindings = (findings: readonly Finding[]): string =>
  formatTable(
    findings.map(({ level, name, detail, mend }) => [marks[level], name, mend ? `${detail} → ${mend}` : detail]),
  );
