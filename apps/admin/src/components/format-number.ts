const whole = new Intl.NumberFormat("en-GB");

/** 12,345 */
export const formatNumber = (value: number): string => whole.format(value);

/** `1 node`, `3 nodes` */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${formatNumber(value)} ${value === 1 ? one : many}`;
