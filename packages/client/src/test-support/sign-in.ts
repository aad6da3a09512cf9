import { createEcho } from "../create-echo.ts";
import type { Echo, EchoOptions } from "../echo.ts";

interface Stack {
  apiUrl: string;
  realtimeUrl: string;
  user(name: string): Promise<{ email: string }>;
}

/** Makes clients of people of a stack, signed in by their password. */
export function createSignIn(stack: Stack, password: string) {
  return async (name: string, options: Partial<EchoOptions> = {}): Promise<Echo & Disposable> => {
    const { apiUrl, realtimeUrl } = stack;
    const client = createEcho({ apiUrl, realtimeUrl, ...options } as EchoOptions);
    const { email } = await stack.user(name);
    await client.api.auth.login.mutate({ email, password });
    return Object.assign(client, { [Symbol.dispose]: () => client.close() });
  };
}
