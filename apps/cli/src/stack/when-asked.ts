/** Resolves at the first Ctrl-C or SIGTERM; a second one ends the process at once. */
export function whenAsked(): Promise<null> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      let count = 0;
      process.on(signal, () => {
        count += 1;
        if (count > 1) process.exit(1);
        resolve(null);
      });
    }
  });
}
