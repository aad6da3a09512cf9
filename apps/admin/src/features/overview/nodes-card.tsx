import type { HubNode } from "@echo/contracts";
import { ServerOff } from "lucide-react";
import { useId } from "react";
import { formatNumber } from "#components/format-number.ts";
import { State } from "#components/states/state.tsx";
import { Time } from "#components/time/time.tsx";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { Cell, HeadCell, Table } from "#components/ui/table.tsx";

/** Sockets per realtime node, as each told of itself. */
export function NodesCard({ nodes }: { nodes: HubNode[] | undefined }) {
  const titleId = useId();
  return (
    <Card aria-labelledby={titleId} aria-busy={nodes === undefined}>
      <CardHeader title="Realtime nodes" titleId={titleId} hint="Each tells of itself every 5 seconds." />
      {nodes?.length === 0 ? <NoNodes /> : <NodesTable nodes={nodes} titleId={titleId} />}
    </Card>
  );
}

function NoNodes() {
  return (
    <State
      icon={ServerOff}
      title="No node was heard of within 15 seconds"
      text="Nobody can be connected. Look at the log of the realtime process, or run npx echoctl doctor."
    />
  );
}

function NodesTable({ nodes, titleId }: { nodes: HubNode[] | undefined; titleId: string }) {
  return (
    <Table aria-labelledby={titleId}>
      <thead>
        <tr>
          <HeadCell>Node</HeadCell>
          <HeadCell isNumber>Sockets</HeadCell>
          <HeadCell isNumber>Users</HeadCell>
          <HeadCell isNumber>Heard at</HeadCell>
        </tr>
      </thead>
      <tbody>{nodes ? nodes.map((node) => <Row key={node.name} node={node} />) : <PendingRow />}</tbody>
    </Table>
  );
}

function Row({ node: { name, sockets, users, heardAt } }: { node: HubNode }) {
  return (
    <tr>
      <HeadCell scope="row">
        <span className="font-mono text-xs break-all">{name}</span>
      </HeadCell>
      <Cell isNumber>{formatNumber(sockets)}</Cell>
      <Cell isNumber>{formatNumber(users)}</Cell>
      <Cell isNumber>
        <Time at={heardAt} />
      </Cell>
    </tr>
  );
}

function PendingRow() {
  return (
    <tr>
      {["w-32", "w-8", "w-8", "w-16"].map((width, index) => (
        <Cell key={width + String(index)} isNumber={index > 0}>
          <Skeleton className={`my-0.5 inline-block h-4 ${width}`} />
        </Cell>
      ))}
    </tr>
  );
}
