import type { RealtimeRouter } from "@echo/realtime";
import { createTRPCClient, TRPCClientError } from "@trpc/client";
import { observable } from "@trpc/server/observable";
import type { CallsOf } from "../http/calls-of.ts";
import type { Realtime } from "./realtime.ts";

/** The socket's procedures but for the subscription, which the connection itself keeps. */
export type RealtimeApi = Omit<CallsOf<RealtimeRouter["_def"]["record"]>, "events">;

/** Typed calls over the one socket. */
export function createRealtimeApi(realtime: Realtime): RealtimeApi {
  return createTRPCClient<RealtimeRouter>({
    links: [
      () =>
        ({ op }) =>
          observable((observer) => {
            realtime.call(op).then(
              (data) => {
                observer.next({ result: { type: "data", data } });
                observer.complete();
              },
              (error) => observer.error(TRPCClientError.from(error)),
            );
          }),
    ],
  });
}
