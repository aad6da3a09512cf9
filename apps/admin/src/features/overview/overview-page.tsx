"use client";

import type { Overview } from "@echo/contracts";
import { problemOf } from "#api/problem.ts";
import { Freshness } from "#components/freshness.tsx";
import { PageHeader } from "#components/page-header.tsx";
import { ForbiddenState } from "#components/states/forbidden-state.tsx";
import { ProblemState } from "#components/states/problem-state.tsx";
import { Card } from "#components/ui/card.tsx";
import { ConsumersCard } from "./consumers-card.tsx";
import { Figures } from "./figures.tsx";
import { HoursCard } from "./hours-card.tsx";
import { NodesCard } from "./nodes-card.tsx";
import { useOverview } from "./use-overview.ts";

export function OverviewPage() {
  const query = useOverview();
  return (
    <div className="grid gap-6">
      <PageHeader title="Overview">
        <Freshness query={query} />
      </PageHeader>
      {query.data || query.isPending ? (
        <Content overview={query.data} />
      ) : (
        <Fault error={query.error} onRetry={query.refetch} />
      )}
    </div>
  );
}

/** Undefined: on its way; everything keeps the place that it will have. */
function Content({ overview }: { overview: Overview | undefined }) {
  return (
    <>
      <Figures overview={overview} />
      <HoursCard hours={overview?.hours} />
      <NodesCard nodes={overview?.nodes} />
      <ConsumersCard consumers={overview?.consumers} />
    </>
  );
}

function Fault({ error, onRetry }: { error: unknown; onRetry(): unknown }) {
  const problem = problemOf(error);
  return (
    <Card>
      {problem.code === "FORBIDDEN" ? (
        <ForbiddenState />
      ) : (
        <ProblemState title="The overview could not be loaded" problem={problem} onRetry={() => void onRetry()} />
      )}
    </Card>
  );
}
