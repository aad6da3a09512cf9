"use client";

import { MessageSquareDashed } from "lucide-react";
import dynamic from "next/dynamic";
import { useId, useState } from "react";
import { counted } from "#components/format-number.ts";
import { State } from "#components/states/state.tsx";
import { Button } from "#components/ui/button.tsx";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { CopyText } from "#components/ui/copy-text.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import type { Hours } from "./hours.ts";
import { HoursTable } from "./hours-table.tsx";

const HoursChart = dynamic(() => import("./hours-chart.tsx").then((m) => m.HoursChart), {
  ssr: false,
  loading: () => <Pending />,
});

/** Messages of the last 24 hours, as bars or as a table. */
export function HoursCard({ hours }: { hours: Hours | undefined }) {
  const titleId = useId();
  const [isTable, setIsTable] = useState(false);
  const total = hours?.reduce((sum, hour) => sum + hour.messages, 0);
  return (
    <Card aria-labelledby={titleId} aria-busy={hours === undefined}>
      <CardHeader
        title="Messages, last 24 hours"
        titleId={titleId}
        hint={total === undefined ? "By hour" : `${counted(total, "message")}, by hour`}
        actions={<Button onClick={() => setIsTable(!isTable)}>{isTable ? "Show as chart" : "Show as table"}</Button>}
      />
      <Body hours={hours} isEmpty={total === 0} isTable={isTable} titleId={titleId} />
    </Card>
  );
}

interface BodyProps {
  hours: Hours | undefined;
  isEmpty: boolean;
  isTable: boolean;
  titleId: string;
}

function Body({ hours, isEmpty, isTable, titleId }: BodyProps) {
  if (!hours) return <Pending />;
  if (isTable) return <HoursTable hours={hours} titleId={titleId} />;
  if (isEmpty) return <NoMessages />;
  return <HoursChart hours={hours} />;
}

function NoMessages() {
  return (
    <div className="grid min-h-72 place-items-center">
      <State
        icon={MessageSquareDashed}
        title="No messages in the last 24 hours"
        text="Send some by the SDK, or watch two people talk on the demo's page:"
      >
        <CopyText text="npm start -- --demo" label="Copy the command" />
      </State>
    </div>
  );
}

function Pending() {
  return (
    <div className="h-72 p-4">
      <Skeleton className="h-full" />
    </div>
  );
}
