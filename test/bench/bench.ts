/** What a bench measures, and beside what. Add one as a file in `benches/` and a line in `registry.ts`. */
export interface Bench {
  /** As on the command line. */
  name: string;
  /** One line: what is done and what is measured. */
  summary: string;
  /** The figures that it gives, in the order in which they are shown, with the number that each must reach. */
  figures: Readonly<Record<string, FigureDescription>>;
  /** What the physical limit is that is measured in the same run, and what `ratio` divides. */
  limit: string;
  /** How it is set up, for whoever judges the figures. */
  setup: readonly string[];
  run(progress: Progress): Promise<Measured>;
}

export interface FigureDescription {
  what: string;
  target?: Target;
}

export type Target = { atMost: number } | { exactly: number };

/** One line for a person, on standard error. */
export type Progress = (line: string) => void;

export interface Measured {
  /** Exactly the names of `Bench.figures`; the unit stands last in each name. */
  figures: Record<string, number>;
  limit: Record<string, number>;
  ratio: number;
  /** Lines beside the figures, for a person only. */
  notes?: string[];
}

export function reaches(value: number, target: Target | undefined): boolean {
  if (target === undefined) return true;
  return 'atMost' in target ? value <= target.atMost : value === target.exactly;
}
