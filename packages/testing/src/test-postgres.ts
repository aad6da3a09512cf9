import "vitest";

export const templateName = "echo_template";

declare module "vitest" {
  interface ProvidedContext {
    /** The run's PostgreSQL: superuser at database postgres, and the application's role. */
    postgres: { adminUrl: string; url: string };
  }
}
