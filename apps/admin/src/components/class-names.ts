import { type ClassValue, clsx } from "clsx";
import { twMerge } from "tailwind-merge";

/** Joins classes; of two that contradict each other the later one holds. */
export function classNames(...classes: ClassValue[]): string {
  return twMerge(clsx(classes));
}
