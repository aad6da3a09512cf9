import type { StaffRole } from "@echo/contracts";
import { ShieldAlert } from "lucide-react";
import { State } from "./state.tsx";

/** @param needed the least role that may see it, where it is known */
export function ForbiddenState({ needed }: { needed?: StaffRole }) {
  const who = needed ? `It takes the role ${needed}.` : "Your role does not include it.";
  return (
    <State
      role="alert"
      icon={ShieldAlert}
      title="You may not see this page"
      text={`${who} An admin of this console can change your role.`}
    />
  );
}
