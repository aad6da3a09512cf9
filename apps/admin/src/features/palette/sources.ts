import { Clock, Keyboard, LogOut, Monitor, Moon, Sun } from "lucide-react";
import { pagesFor } from "#navigation.ts";
import type { PaletteSource } from "./palette-source.ts";

const pages: PaletteSource = (_query, { role, navigate }) =>
  pagesFor(role).map(({ path, title, icon, key, keywords }) => ({
    id: `page:${path}`,
    group: "Pages",
    label: title,
    icon,
    keywords: [path, ...keywords],
    keys: ["G", key.toUpperCase()],
    run: () => navigate(path),
  }));

const themes = [
  { name: "light", label: "Light theme", icon: Sun },
  { name: "dark", label: "Dark theme", icon: Moon },
  { name: "system", label: "Theme of the system", icon: Monitor },
];

const appearance: PaletteSource = (_query, { theme, timeZone, setTheme, setTimeZone }) => [
  ...themes
    .filter(({ name }) => name !== theme)
    .map(({ name, label, icon }) => ({
      id: `theme:${name}`,
      group: "Appearance",
      label,
      icon,
      keywords: ["theme", "colours", "mode"],
      run: () => setTheme(name),
    })),
  {
    id: "time-zone",
    group: "Appearance",
    label: timeZone === "utc" ? "Show times in your zone" : "Show times in UTC",
    icon: Clock,
    keywords: ["utc", "local", "time zone"],
    run: () => setTimeZone(timeZone === "utc" ? "local" : "utc"),
  },
];

const account: PaletteSource = (_query, { openShortcuts, signOut }) => [
  {
    id: "shortcuts",
    group: "Help and account",
    label: "Keyboard shortcuts",
    icon: Keyboard,
    keys: ["?"],
    run: openShortcuts,
  },
  { id: "sign-out", group: "Help and account", label: "Sign out", icon: LogOut, keywords: ["leave"], run: signOut },
];

/** In the order in which their groups are shown. */
export const paletteSources: readonly PaletteSource[] = [pages, appearance, account];
