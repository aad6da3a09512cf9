import { Window } from "happy-dom";
import { createElement, type ReactNode, StrictMode } from "react";
import type { Echo } from "../echo.ts";
import { EchoProvider } from "../react/echo-provider.tsx";

// The few globals that react-dom asks for; fetch and WebSocket stay the platform's.
const window = new Window();
Object.assign(window, { fetch: globalThis.fetch });
Object.assign(globalThis, { window, document: window.document });
// Node has one of its own from 21 on, read-only.
globalThis.navigator ??= window.navigator as unknown as Navigator;
const { createRoot } = await import("react-dom/client");

interface Rendered<T> extends Disposable {
  /** What the hook answered last. */
  readonly current: T;
  /** What it answered at every render. */
  readonly all: readonly T[];
  unmount(): void;
}

/** Renders what hooks answer, below one provider, in StrictMode: every effect runs twice. */
export async function renderHook<T>(echo: Echo, hook: () => T): Promise<Rendered<T>> {
  const all: T[] = [];
  const root = createRoot(window.document.createElement("div") as unknown as Element);
  const Probe = (): ReactNode => {
    all.push(hook());
    return null;
  };
  root.render(createElement(StrictMode, null, createElement(EchoProvider, { echo }, createElement(Probe))));
  while (all.length === 0) await new Promise((resolve) => setTimeout(resolve));
  return {
    get current() {
      return all.at(-1) as T;
    },
    all,
    unmount: () => root.unmount(),
    [Symbol.dispose]: () => root.unmount(),
  };
}
