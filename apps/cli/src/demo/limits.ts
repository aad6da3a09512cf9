/** Three people on one address who reload their page: counted like anybody, with room for that. */
export const demoLimits = {
  anonymous: { limit: 1_000, windowMs: 60_000 },
  hashing: { places: 32, perIp: 16 },
};
