import type { StaffRole } from "@echo/contracts";
import { LayoutDashboard, type LucideIcon } from "lucide-react";

/** A page of the console. */
export interface PageEntry {
  path: `/${string}`;
  title: string;
  icon: LucideIcon;
  /** After `g` it opens the page. */
  key: string;
  /** The least role that is shown the way to it; what it may see there is the API's to say. */
  role: StaffRole;
  /** Other words by which the command palette finds it. */
  keywords: readonly string[];
}

/** All pages, in the order of the navigation: a new one is a line here, a route in app/(console), a folder in features. */
export const pages: readonly PageEntry[] = [
  {
    path: "/",
    title: "Overview",
    icon: LayoutDashboard,
    key: "o",
    role: "viewer",
    keywords: ["home", "status", "nodes"],
  },
];

const ranks: Record<StaffRole, number> = { viewer: 0, support: 1, admin: 2 };

export const pagesFor = (role: StaffRole): PageEntry[] => pages.filter((page) => ranks[page.role] <= ranks[role]);

/** What a route exports as its metadata. */
export function metadataOf(path: PageEntry["path"]): { title: string } {
  const page = pages.find((each) => each.path === path);
  if (!page) throw new Error(`${path} is not in the navigation table`);
  return { title: page.title };
}
