import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";

const memory = "/dev/shm";
const roomyBytes = 1.5 * 1024 ** 3;

/** Where clusters of tests go. A copy of the template is 300 files: 20 ms in memory, 150 ms and more on a disk. Containers often have 64 MB there. */
export async function fastestFolder(): Promise<string> {
  const free = await statfs(memory).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  );
  return free >= roomyBytes ? memory : tmpdir();
}
