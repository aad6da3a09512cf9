"use client";

import "./globals.css";

interface GlobalErrorProps {
  error: Error & { digest?: string };
  reset(): void;
}

/** When even the frame broke: it stands alone, without anything that may have broken it. */
export default function GlobalError({ error, reset }: GlobalErrorProps) {
  return (
    <html lang="en">
      <body className="font-sans antialiased">
        <title>The console broke · Echo console</title>
        <main className="mx-auto grid min-h-dvh max-w-md content-center justify-items-start gap-4 px-4">
          <h1 className="text-xl font-semibold">The console broke</h1>
          <p className="text-muted">Try again, or load the page anew. What you run is not concerned by it.</p>
          {error.digest && <p className="text-muted">Error id {error.digest}</p>}
          <button
            type="button"
            onClick={reset}
            className="h-9 rounded-lg border border-edge bg-surface px-3 font-medium"
          >
            Try again
          </button>
        </main>
      </body>
    </html>
  );
}
