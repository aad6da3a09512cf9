import type { AppRouter } from "@echo/api";
import type { Operation, TRPCLink } from "@trpc/client";
import { type inferObservableValue, observable, observableToPromise } from "@trpc/server/observable";

type Next = Parameters<ReturnType<TRPCLink<AppRouter>>>[0]["next"];
export type Answer = inferObservableValue<ReturnType<Next>>;
export type Call = (op: Operation) => Promise<Answer>;

/** A link whose work on a call is an async function. */
export function asyncLink(run: (op: Operation, call: Call) => Promise<Answer>): TRPCLink<AppRouter> {
  return () =>
    ({ op, next }) =>
      observable((observer) => {
        run(op, (operation) => observableToPromise(next(operation))).then((answer) => {
          observer.next(answer);
          observer.complete();
        }, observer.error);
      });
}
