import type { World } from "../echo/world.ts";

/** What one round measured, by figure: "cpu s/100k", "p99 ms". */
export type Figures = Readonly<Record<string, number>>;

/** Echo, or what its users would pick instead; each in processes of its own. */
export interface Contestant {
  name: string;
  round(): Promise<Figures>;
}

/** The contestants of a stage, up and ready to be measured. Echo is the first. */
export interface Arena {
  contestants: Contestant[];
  close(): Promise<void>;
}

export interface RowOptions {
  isQuick: boolean;
  rounds: number;
  /** Whether the stages on two nodes run too. */
  redis: boolean;
}

/** One condition of a row, a number of sockets for example; its rounds alternate among its contestants. */
export interface Stage {
  label: string;
  /** For charts; absent where there is nothing to draw. */
  sockets?: number;
  /** No bar holds here: more than one node, for example. */
  isReportOnly?: boolean;
  open(world: World): Promise<Arena>;
}

export interface Row {
  name: string;
  /** One sentence: what is counted, where. */
  measures: string;
  stages(options: RowOptions): Stage[];
}

/** Everything that the rounds of a stage gave: the figures of each contestant, by round. */
export interface StageResult {
  label: string;
  sockets: number | null;
  isReportOnly: boolean;
  rounds: Readonly<Record<string, readonly Figures[]>>;
  /** Why there are no rounds. */
  notRun: string | null;
}

export interface RowResult {
  name: string;
  measures: string;
  stages: StageResult[];
}
