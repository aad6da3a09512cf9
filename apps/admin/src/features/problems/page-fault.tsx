"use client";

import { problemOf } from "#api/problem.ts";
import { ProblemState } from "#components/states/problem-state.tsx";
import { Card } from "#components/ui/card.tsx";

interface PageFaultProps {
  error: Error & { digest?: string };
  reset(): void;
}

/** In place of a page that threw: the frame around it lives. */
export function PageFault({ error, reset }: PageFaultProps) {
  const { code, requestId } = problemOf(error);
  const message = "It is not your doing. Try again; if it stays, tell whoever runs this console, with the id below.";
  return (
    <Card>
      <ProblemState
        title="This page broke"
        problem={{ code, message, requestId: requestId ?? error.digest ?? null }}
        onRetry={reset}
      />
    </Card>
  );
}
