import { defaultLifetimes } from "@echo/platform";
import { type Check, fine } from "./finding.ts";
import type { Patient } from "./patient.ts";

/** What is only said: there is nothing to be wrong about it once the configuration was read. */
export function checkPolicy({ config }: Patient): Check[] {
  return [
    {
      name: "e-mail verification",
      mend: "unset ECHO_EMAIL_VERIFICATION",
      work: () => fine(verificationTexts[config.ECHO_EMAIL_VERIFICATION]),
    },
    { name: "lifetimes", mend: "unset ECHO_LIFETIMES", work: () => fine(lifetimesText(config.ECHO_LIFETIMES)) },
  ];
}

const verificationTexts: Record<Patient["config"]["ECHO_EMAIL_VERIFICATION"], string> = {
  optional: "optional: addresses are not confirmed, and a registration tells whether one is known",
};

type Lifetimes = typeof defaultLifetimes;

/** Those that were shortened stand with what they would be. */
export function lifetimesText(lifetimes: Lifetimes): string {
  const names = Object.keys(defaultLifetimes) as (keyof Lifetimes)[];
  const texts = names.map((name) => {
    const normal = defaultLifetimes[name];
    const said = `${name.replace(/Ms$/, "")} ${duration(lifetimes[name])}`;
    return lifetimes[name] === normal ? said : `${said} (not ${duration(normal)})`;
  });
  return texts.join(", ");
}

const units: readonly [unit: string, ms: number][] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
];

/** In the largest unit that it is a whole number of. */
function duration(ms: number): string {
  const [unit, unitMs] = units.find(([, each]) => ms % each === 0) ?? ["ms", 1];
  return `${ms / unitMs} ${unit}`;
}
