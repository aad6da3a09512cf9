import type { StaffRole } from "@echo/contracts";
import type { LucideIcon } from "lucide-react";
import type { TimeZone } from "#preferences/time-zone.ts";

/** One line of the command palette. */
export interface PaletteItem {
  id: string;
  group: string;
  label: string;
  icon: LucideIcon;
  /** Other words by which it is found; what was typed itself, for an item that always answers to it. */
  keywords?: readonly string[];
  /** The shortcut that does the same. */
  keys?: readonly string[];
  run(): void;
}

/** What items may do. */
export interface PaletteContext {
  role: StaffRole;
  theme: string;
  timeZone: TimeZone;
  navigate(path: string): void;
  setTheme(theme: string): void;
  setTimeZone(zone: TimeZone): void;
  openShortcuts(): void;
  signOut(): void;
}

/** Gives its items for what is typed. A source of its own per kind: pages, acts; later ids, e-mails, addresses. */
export type PaletteSource = (query: string, context: PaletteContext) => PaletteItem[];
