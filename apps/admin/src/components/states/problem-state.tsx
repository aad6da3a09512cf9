import { CircleAlert } from "lucide-react";
import type { Problem } from "#api/problem.ts";
import { Button } from "#components/ui/button.tsx";
import { CopyText } from "#components/ui/copy-text.tsx";
import { State } from "./state.tsx";

interface ProblemStateProps {
  title: string;
  problem: Problem;
  onRetry(): void;
}

/** In place of data that could not be had: what happened, by what it is found in the logs, another try. */
export function ProblemState({ title, problem, onRetry }: ProblemStateProps) {
  return (
    <State role="alert" icon={CircleAlert} title={title} text={problem.message}>
      {problem.requestId && <RequestId id={problem.requestId} />}
      <Button onClick={onRetry}>Retry</Button>
    </State>
  );
}

function RequestId({ id }: { id: string }) {
  return (
    <p className="flex flex-wrap items-center justify-center gap-x-2 text-muted">
      Request id <CopyText text={id} label="Copy the request id" />
    </p>
  );
}
