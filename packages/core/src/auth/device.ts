import type { Device, DeviceInput } from "@echo/contracts";

/** What a client says of itself, for display alone: nothing is judged by it. */
export const toDevice = ({ id, name, platform, os, model }: DeviceInput = {}): Device => ({
  id: id ?? "",
  name: name ?? "",
  platform: platform ?? "",
  os: os ?? "",
  model: model ?? "",
});
