import { EmbeddedError } from "./embedded-error.ts";
import { type Account, runProgram } from "./run-program.ts";

const name = "postgres";

/**
 * PostgreSQL refuses to run as root: there it runs as user postgres, who is made when missing.
 * @throws EmbeddedError when he cannot be made
 */
export async function findAccount(): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  const found = (await lookUp()) ?? ((await create()) ? await lookUp() : undefined);
  if (found) return found;
  throw new EmbeddedError(
    `PostgreSQL does not run as root, and the user "${name}" that it would run as could not be created; create it, or start Echo as another user.`,
  );
}

async function lookUp(): Promise<Account | undefined> {
  const ids = await Promise.all(
    ["-u", "-g"].map((flag) => runProgram({ command: "id", args: [flag, name], account: null })),
  );
  const [uid, gid] = ids.map(({ code, output }) => (code === 0 ? Number(output) : Number.NaN));
  return uid && gid ? { uid, gid } : undefined;
}

/** shadow's useradd, else busybox' adduser (Alpine). */
async function create(): Promise<boolean> {
  const ways = [
    {
      command: "useradd",
      args: ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", name],
    },
    { command: "adduser", args: ["-S", "-D", "-H", "-s", "/sbin/nologin", name] },
  ];
  for (const way of ways) {
    if ((await runProgram({ ...way, account: null })).code === 0) return true;
  }
  return false;
}
