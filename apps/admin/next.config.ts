import { resolve } from "node:path";
import type { NextConfig } from "next";

const config: NextConfig = {
  // Named by whoever builds or serves, so that a new build never touches the one that is served.
  distDir: process.env.NEXT_DIST_DIR ?? ".next/dev",
  poweredByHeader: false,
  devIndicators: false,
  // The names of this machine under which changes are sent to the browser in development.
  allowedDevOrigins: ["127.0.0.1", "localhost", "[::1]"],
  images: { unoptimized: true },
  // `npm run check` does it for all workspaces at once.
  typescript: { ignoreBuildErrors: true },
  turbopack: { root: resolve(import.meta.dirname, "../..") },
};

export default config;
