/** The written policy of a benchmark: wider than any load here, and never off. It is printed with the results. */
export const benchLimits = {
  anonymous: { limit: 1_000_000 },
  user: { burst: 1_000_000, perSecond: 100_000 },
  ipCeiling: { limit: 1_000_000_000 },
  send: { burst: 1_000_000, perSecond: 100_000 },
  socket: { burst: 10_000, perSecond: 10_000 },
  socketsPerUser: 100,
  socketsPerIpUnauthenticated: 100_000,
};
