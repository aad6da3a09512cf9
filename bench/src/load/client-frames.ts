/** A client's text frame. The mask is zero: as valid as any other (RFC 6455, 5.3), and nothing needs to be masked. */
export function clientFrame(text: string): Buffer {
  const bytes = Buffer.byteLength(text);
  const header = bytes < 126 ? Buffer.from([0x81, 0x80 | bytes]) : Buffer.from([0x81, 0x80 | 126, 0, 0]);
  if (bytes > 65_535) throw new RangeError("The load generator sends no frame of more than 64 KiB");
  if (bytes >= 126) header.writeUInt16BE(bytes, 2);
  return Buffer.concat([header, Buffer.alloc(4), Buffer.from(text)]);
}

/** Without a code. */
export const closeFrame = Buffer.from([0x88, 0x80, 0, 0, 0, 0]);

export function upgradeRequest(path: string, port: number): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: ZWNoby1iZW5jaG1hcmstIQ==",
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}
