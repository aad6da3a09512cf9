import { procedureTypes } from "./routers/index.ts";

export const consoleUrl = "https://console.test";
export const consoleProcedures = [...procedureTypes]
  .map(([name, type]) => ({ name, type: type as string }))
  .filter(({ name }) => name.startsWith("admin."));
export const me = { name: "admin.me", type: "query" };

interface ConsoleCall {
  name: string;
  type: string;
}

interface Answer {
  status: number;
  headers: Headers;
  error: { message: string; data: Record<string, unknown> } | undefined;
}

interface Sent {
  headers: Record<string, string>;
  input?: unknown;
}

/** As a browser would, by hand. */
export async function call(
  { apiUrl }: { apiUrl: string },
  { name, type }: ConsoleCall,
  { headers, input = {} }: Sent,
): Promise<Answer> {
  const address = `${apiUrl}/trpc/${name}`;
  const response = await (type === "query"
    ? fetch(`${address}?input=${encodeURIComponent(JSON.stringify(input))}`, { headers })
    : fetch(address, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(input),
      }));
  const { error } = (await response.json()) as Pick<Answer, "error">;
  return { status: response.status, headers: response.headers, error };
}
