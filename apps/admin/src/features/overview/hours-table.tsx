import { formatNumber } from "#components/format-number.ts";
import { Time } from "#components/time/time.tsx";
import { Cell, HeadCell, Table } from "#components/ui/table.tsx";
import type { Hours } from "./hours.ts";

/** What the chart shows, newest first. */
export function HoursTable({ hours, titleId }: { hours: Hours; titleId: string }) {
  return (
    <Table aria-labelledby={titleId}>
      <thead>
        <tr>
          <HeadCell>Hour from</HeadCell>
          <HeadCell isNumber>Messages</HeadCell>
          <HeadCell isNumber>Active senders</HeadCell>
        </tr>
      </thead>
      <tbody>
        {hours.toReversed().map(({ startsAt, messages, activeSenders }) => (
          <tr key={startsAt}>
            <HeadCell scope="row">
              <Time at={startsAt} style="hour" />
            </HeadCell>
            <Cell isNumber>{formatNumber(messages)}</Cell>
            <Cell isNumber>{formatNumber(activeSenders)}</Cell>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
