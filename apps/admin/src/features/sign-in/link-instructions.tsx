import { StaffLinkCommand } from "./staff-link-command.tsx";

/** A console on this machine has no passwords: whoever can run its commands is its admin. */
export function LinkInstructions() {
  return (
    <div className="grid gap-4">
      <h2 className="text-base font-semibold">Open a sign-in link</h2>
      <p className="text-muted">
        Here you sign in with a link instead of a password. Each <code className="font-mono text-ink">npm start</code>{" "}
        prints one; it works once, within 15 minutes.
      </p>
      <StaffLinkCommand lead="For another one, run this in the folder where Echo runs:" />
    </div>
  );
}
