export interface Turnstile {
  open(): void;
  pass(): Promise<void>;
}

/** Lets one pass when it was opened since the last, however often; an end leaves nobody waiting. */
export function createTurnstile(signal: AbortSignal): Turnstile {
  let isOpen = false;
  let wake: (() => void) | null = null;
  const open = () => {
    isOpen = true;
    wake?.();
  };
  signal.addEventListener("abort", open);
  return {
    open,
    async pass() {
      if (!isOpen) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      isOpen = false;
    },
  };
}
