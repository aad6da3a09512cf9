/** In the order of each channel's first message. */
export function byChannel<M extends { channel: string }>(messages: readonly M[]): Map<string, M[]> {
  const channels = new Map<string, M[]>();
  for (const message of messages) {
    const known = channels.get(message.channel);
    if (known) known.push(message);
    else channels.set(message.channel, [message]);
  }
  return channels;
}
