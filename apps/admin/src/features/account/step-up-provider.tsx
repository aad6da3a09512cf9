"use client";

import dynamic from "next/dynamic";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";
import { problemOf } from "#api/problem.ts";

const StepUpDialog = dynamic(() => import("./step-up-dialog.tsx").then((m) => m.StepUpDialog));

/**
 * Runs a call; where the API wants to know again who it is (STEP_UP_REQUIRED) it asks for that and runs the call once
 * more. Rejects with the call's own error, also when one would rather not.
 */
type WithStepUp = <Result>(call: () => Promise<Result>) => Promise<Result>;

const StepUpContext = createContext<WithStepUp | null>(null);

export function useStepUp(): WithStepUp {
  const withStepUp = useContext(StepUpContext);
  if (!withStepUp) throw new Error("useStepUp works within the frame alone");
  return withStepUp;
}

interface Question {
  answer(isConfirmed: boolean): void;
}

export function StepUpProvider({ children }: { children: ReactNode }) {
  const [question, setQuestion] = useState<Question | null>(null);
  const withStepUp = useCallback<WithStepUp>(async (call) => {
    try {
      return await call();
    } catch (error) {
      if (problemOf(error).code !== "STEP_UP_REQUIRED") throw error;
      const isConfirmed = await new Promise<boolean>((resolve) => setQuestion({ answer: resolve }));
      if (!isConfirmed) throw error;
      return await call();
    }
  }, []);
  const end = useMemo(
    () => (isConfirmed: boolean) => {
      question?.answer(isConfirmed);
      setQuestion(null);
    },
    [question],
  );
  return (
    <StepUpContext value={withStepUp}>
      {children}
      {question && <StepUpDialog onEnd={end} />}
    </StepUpContext>
  );
}
