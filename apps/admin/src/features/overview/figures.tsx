import type { Overview } from "@echo/contracts";
import { counted, formatNumber } from "#components/format-number.ts";
import { Skeleton } from "#components/ui/skeleton.tsx";

interface Figure {
  label: string;
  value: string;
  note: string;
}

const labels = ["Users", "Open sockets", "Sends / min", "Deliveries / min", "Log position"] as const;

function figuresOf({ users, nodes, lastMinute, log }: Overview): Figure[] {
  const sockets = nodes.reduce((sum, node) => sum + node.sockets, 0);
  const facts: Record<(typeof labels)[number], Omit<Figure, "label">> = {
    Users: { value: formatNumber(users.total), note: `${formatNumber(users.newLastDay)} new in 24 h` },
    "Open sockets": { value: formatNumber(sockets), note: `on ${counted(nodes.length, "node")}` },
    "Sends / min": { value: formatNumber(lastMinute.sends), note: "accepted" },
    "Deliveries / min": { value: formatNumber(lastMinute.deliveries), note: "acknowledged" },
    "Log position": { value: formatNumber(log.position), note: `epoch ${log.epoch}` },
  };
  return labels.map((label) => ({ label, ...facts[label] }));
}

/** The state at a glance. */
export function Figures({ overview }: { overview: Overview | undefined }) {
  const figures = overview ? figuresOf(overview) : labels.map((label) => ({ label, value: null, note: null }));
  return (
    <dl
      aria-busy={overview === undefined}
      className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border bg-line sm:grid-cols-3 lg:grid-cols-5"
    >
      {figures.map(({ label, value, note }) => (
        <div
          key={label}
          className="grid content-start gap-1 bg-surface p-4 last:col-span-2 sm:last:col-span-2 lg:last:col-span-1"
        >
          <dt className="text-muted">{label}</dt>
          <dd className="grid min-w-0 gap-1">
            <span className="h-8 truncate text-2xl font-semibold tracking-tight tabular-nums">
              {value ?? <Skeleton className="mt-1 h-6 w-20" />}
            </span>
            <span className="h-5 truncate text-muted tabular-nums">
              {note ?? <Skeleton className="mt-1 h-3.5 w-28" />}
            </span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
