import compress from "@fastify/compress";
import type { Step } from "./step.ts";

/** Answers alone, from 1 KiB on; a compressed request is refused at the body limit. */
export const compression: Step = {
  name: "compression",
  async install(app) {
    await app.register(compress, { globalDecompression: false, encodings: ["br", "gzip"] });
  },
};
