import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

interface StateProps {
  icon: LucideIcon;
  title: string;
  text: ReactNode;
  children?: ReactNode;
  role?: "alert";
}

/** What stands where data would: nothing there yet, not allowed, or a fault. */
export function State({ icon: Icon, title, text, children, role }: StateProps) {
  return (
    <div role={role} className="mx-auto grid max-w-md justify-items-center gap-4 px-4 py-12 text-center">
      <span className="grid size-10 place-items-center rounded-full bg-hover text-muted">
        <Icon aria-hidden="true" className="size-5" />
      </span>
      <div className="grid gap-1">
        <p className="text-base font-semibold">{title}</p>
        <div className="text-muted text-pretty">{text}</div>
      </div>
      {children}
    </div>
  );
}
