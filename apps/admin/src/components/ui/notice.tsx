import { cva, type VariantProps } from "class-variance-authority";
import { CircleAlert, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

const notice = cva("flex gap-3 rounded-lg border px-4 py-3 [&>svg]:mt-0.5 [&>svg]:size-4 [&>svg]:shrink-0", {
  variants: {
    tone: {
      info: "bg-surface text-ink [&>svg]:text-muted",
      warning: "border-warning/40 bg-warning-soft text-warning",
      danger: "border-danger/40 bg-danger-soft text-danger",
    },
  },
});

const icons = { info: Info, warning: TriangleAlert, danger: CircleAlert };

interface NoticeProps extends Required<VariantProps<typeof notice>> {
  tone: keyof typeof icons;
  children: ReactNode;
  /** "alert" interrupts, "status" waits for its turn. */
  role?: "alert" | "status";
}

/** A sentence that stands out, by an icon too. */
export function Notice({ tone, role, children }: NoticeProps) {
  const Icon = icons[tone];
  return (
    <div role={role} className={notice({ tone })}>
      <Icon aria-hidden="true" />
      <div className="min-w-0">{children}</div>
    </div>
  );
}
