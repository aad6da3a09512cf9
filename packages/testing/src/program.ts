const tsx = import.meta.resolve("tsx");

/** What node is given to run the text of a module in a process of its own; it may import TypeScript by its address. */
export const programArgs = (program: string): string[] => ["--import", tsx, "--input-type=module", "-e", program];
