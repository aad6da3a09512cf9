import pg from "pg";
import "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** The run's PostgreSQL. */
    postgres: TestPostgres;
  }
}

export interface TestPostgres {
  /** Superuser, at database postgres. */
  adminUrl: string;
  /** The application's role, which owns what tests make. */
  role: string;
  password: string;
  /** A migrated database that tests copy. */
  template: string;
}

export const urlOf = ({ adminUrl, role, password }: TestPostgres, database: string): string =>
  Object.assign(new URL(adminUrl), { username: role, password, pathname: database }).href;

export async function runAsAdmin(adminUrl: string, text: string): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await admin.query(text);
  } finally {
    await admin.end();
  }
}
