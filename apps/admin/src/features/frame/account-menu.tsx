"use client";

import type { StaffMe } from "@echo/contracts";
import { CircleUserRound, Keyboard, LogOut, ShieldCheck, ShieldOff } from "lucide-react";
import { useTheme } from "next-themes";
import { useRef } from "react";
import { Time } from "#components/time/time.tsx";
import { Button } from "#components/ui/button.tsx";
import {
  MenuCheckboxItem,
  MenuContent,
  MenuItem,
  MenuLabel,
  MenuRadioGroup,
  MenuRadioItem,
  MenuRoot,
  MenuSeparator,
  MenuTrigger,
} from "#components/ui/menu.tsx";
import { useMe } from "#features/session/use-me.ts";
import { useSignOut } from "#features/session/use-sign-out.ts";
import { timeZone } from "#preferences/time-zone.ts";
import type { Overlay } from "./use-overlays.ts";

export function AccountMenu({ open }: { open(overlay: Overlay): void }) {
  const me = useMe();
  const signOut = useSignOut();
  const chosen = useRef<Overlay | null>(null);
  const choose = (overlay: Overlay): void => {
    chosen.current = overlay;
  };
  const openChosen = (): void => {
    const overlay = chosen.current;
    chosen.current = null;
    // Once the focus is back at the button, where closing the overlay shall bring it again.
    if (overlay) queueMicrotask(() => open(overlay));
  };
  return (
    <MenuRoot>
      <MenuTrigger asChild>
        <Button look="quiet" size="icon" aria-label="Account">
          <CircleUserRound aria-hidden="true" className="size-5!" />
        </Button>
      </MenuTrigger>
      <MenuContent onCloseAutoFocus={openChosen}>
        {me && <Identity me={me} />}
        <MenuSeparator />
        <ThemeChoice />
        <UtcChoice />
        <MenuSeparator />
        {me && <TotpItem me={me} open={choose} />}
        <MenuItem onSelect={() => choose("shortcuts")}>
          <Keyboard aria-hidden="true" /> Keyboard shortcuts
        </MenuItem>
        <MenuItem onSelect={signOut}>
          <LogOut aria-hidden="true" /> Sign out
        </MenuItem>
      </MenuContent>
    </MenuRoot>
  );
}

function Identity({ me: { staff, session } }: { me: StaffMe }) {
  return (
    <div className="grid gap-0.5 px-2 py-2">
      <p className="truncate font-semibold">{staff.name}</p>
      {staff.email && <p className="truncate text-muted">{staff.email}</p>}
      <p className="text-muted">
        <span className="capitalize">{staff.role}</span> · session ends <Time at={session.expiresAt} style="hour" />
      </p>
    </div>
  );
}

const themes = { light: "Light", dark: "Dark", system: "System" };

function ThemeChoice() {
  const { theme = "system", setTheme } = useTheme();
  return (
    <>
      <MenuLabel>Theme</MenuLabel>
      <MenuRadioGroup value={theme} onValueChange={setTheme}>
        {Object.entries(themes).map(([value, label]) => (
          <MenuRadioItem key={value} value={value} onSelect={(event) => event.preventDefault()}>
            {label}
          </MenuRadioItem>
        ))}
      </MenuRadioGroup>
    </>
  );
}

function UtcChoice() {
  const zone = timeZone.use();
  return (
    <>
      <MenuLabel>Times</MenuLabel>
      <MenuCheckboxItem
        checked={zone === "utc"}
        onCheckedChange={(isUtc) => timeZone.set(isUtc ? "utc" : "local")}
        onSelect={(event) => event.preventDefault()}
      >
        Show times in UTC
      </MenuCheckboxItem>
    </>
  );
}

/** Who signs in with a password keeps the authenticator: the API would not let it go. */
function TotpItem({ me: { factors }, open }: { me: StaffMe; open(overlay: Overlay): void }) {
  if (!factors.includes("totp")) {
    return (
      <MenuItem onSelect={() => open("enrollTotp")}>
        <ShieldCheck aria-hidden="true" /> Set up an authenticator
      </MenuItem>
    );
  }
  if (factors.includes("password")) return null;
  return (
    <MenuItem onSelect={() => open("disableTotp")}>
      <ShieldOff aria-hidden="true" /> Remove the authenticator
    </MenuItem>
  );
}
