export type * from "./db.ts";
export { statement } from "./db.ts";
