import type { ConsumerGroup } from "@echo/contracts";
import { Workflow } from "lucide-react";
import { useId } from "react";
import { formatNumber } from "#components/format-number.ts";
import { State } from "#components/states/state.tsx";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { Cell, HeadCell, Table } from "#components/ui/table.tsx";

/** How far those are who read the event log, and what they could not handle. */
export function ConsumersCard({ consumers }: { consumers: ConsumerGroup[] | undefined }) {
  const titleId = useId();
  return (
    <Card aria-labelledby={titleId} aria-busy={consumers === undefined}>
      <CardHeader title="Consumers" titleId={titleId} hint="Who reads the event log, and how far behind it they are." />
      {consumers?.length === 0 ? <NoConsumers /> : <ConsumersTable consumers={consumers} titleId={titleId} />}
    </Card>
  );
}

function NoConsumers() {
  return (
    <State
      icon={Workflow}
      title="Nothing has read the event log yet"
      text="Hours are counted by the worker. Look at its log, or run npx echoctl doctor."
    />
  );
}

function ConsumersTable({ consumers, titleId }: { consumers: ConsumerGroup[] | undefined; titleId: string }) {
  return (
    <Table aria-labelledby={titleId}>
      <thead>
        <tr>
          <HeadCell>Group</HeadCell>
          <HeadCell isNumber>Events behind</HeadCell>
          <HeadCell isNumber>For seconds</HeadCell>
          <HeadCell isNumber>Dead letters</HeadCell>
        </tr>
      </thead>
      <tbody>
        {consumers ? consumers.map((consumer) => <Row key={consumer.group} consumer={consumer} />) : <PendingRow />}
      </tbody>
    </Table>
  );
}

function Row({ consumer: { group, behind, deadLetters } }: { consumer: ConsumerGroup }) {
  return (
    <tr>
      <HeadCell scope="row">
        <span className="font-mono text-xs break-all">{group}</span>
      </HeadCell>
      <Cell isNumber>{formatNumber(behind.events)}</Cell>
      <Cell isNumber>{formatNumber(Math.round(behind.seconds))}</Cell>
      <Cell isNumber>{formatNumber(deadLetters)}</Cell>
    </tr>
  );
}

function PendingRow() {
  return (
    <tr>
      {["w-20", "w-8", "w-8", "w-8"].map((width, index) => (
        <Cell key={width + String(index)} isNumber={index > 0}>
          <Skeleton className={`my-0.5 inline-block h-4 ${width}`} />
        </Cell>
      ))}
    </tr>
  );
}
