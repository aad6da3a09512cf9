import { type NextRequest, NextResponse } from "next/server";

/** Files of a build say nothing about anybody and are asked for in dozens. */
export const config = { matcher: "/((?!_next/static/).*)" };

const cookieNames = ["echo_console", "__Host-echo_console"];

/** What sonner puts into a <style> of its own when it is loaded, without a nonce: first nothing, then this. */
const sonnerStyles = [
  "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
  "'sha256-StEaX+se6YS7pqjzrzMIA0KaX9zF/8zAhvQXZAe5epY='",
].join(" ");

/** Passes calls of the console on to the API, and gives each page its policy. */
export function proxy(request: NextRequest): NextResponse {
  const { pathname, search } = request.nextUrl;
  if (pathname === "/trpc" || pathname.startsWith("/trpc/")) return passOn(request);
  const hasCookie = cookieNames.some((name) => request.cookies.has(name));
  // A courtesy, no guard: whether the cookie is good for anything, the API says at every call.
  if (!hasCookie && pathname !== "/sign-in" && isPage(pathname)) {
    const url = request.nextUrl.clone();
    url.pathname = "/sign-in";
    const next = pathname + search;
    url.search = next === "/" ? "" : new URLSearchParams({ next }).toString();
    return NextResponse.redirect(url, { headers: { "cache-control": "no-store" } });
  }
  return page(request);
}

const isPage = (pathname: string): boolean => !/\.[a-z0-9]+$/.test(pathname);

/** One call or several of a batch, all of them the console's own. */
const consoleCalls = /^admin(\.[A-Za-z]+)+(,admin(\.[A-Za-z]+)+)*$/;

function passOn(request: NextRequest): NextResponse {
  const calls = decoded(request.nextUrl.pathname.slice("/trpc/".length));
  if (!consoleCalls.test(calls)) return notFound(request);
  const target = new URL(`/trpc/${calls}`, process.env.ECHO_API_URL);
  target.search = request.nextUrl.search;
  return NextResponse.rewrite(target);
}

/** As the API reads it: there `%2C` is a comma too. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return "";
  }
}

function notFound(request: NextRequest): NextResponse {
  const message = "The console passes on nothing but admin.*";
  const requestId = request.headers.get("x-request-id") ?? "";
  const body = { error: { message, code: -32_004, data: { code: "NOT_FOUND", message, requestId } } };
  return NextResponse.json(body, { status: 404, headers: { "cache-control": "no-store" } });
}

function page(request: NextRequest): NextResponse {
  const nonce = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
  const policy = policyOf(nonce, process.env.NODE_ENV === "development");
  // Next finds the nonce in the request's policy and puts it on each of its scripts.
  const headers = new Headers(request.headers);
  headers.set("content-security-policy", policy);
  headers.set("x-nonce", nonce);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  response.headers.set("cache-control", "no-store");
  return response;
}

/**
 * Styles: our own file, Next's and Radix' elements by nonce, sonner's by hash. Attributes (`style="..."`) are refused:
 * what React, Radix and recharts position is set through the CSSOM, which the policy does not concern.
 * In development React evaluates code for its stack traces, and changes come by socket and inline style.
 */
function policyOf(nonce: string, isDev: boolean): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'${isDev ? " 'unsafe-eval'" : ""}`,
    isDev ? "style-src 'self' 'unsafe-inline'" : `style-src 'self' 'nonce-${nonce}' ${sonnerStyles}`,
    "font-src 'self'",
    "img-src 'self'",
    `connect-src 'self'${isDev ? " ws:" : ""}`,
    "form-action 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
