import type { RenderProblem } from './port';

/** Collects problems up to a limit; how many more there were is said in the last one. */
export class Problems {
  private readonly found: RenderProblem[] = [];
  private dropped = 0;

  constructor(private readonly limit: number) {}

  add(...problems: RenderProblem[]): void {
    for (const problem of problems) {
      if (this.found.length < this.limit) this.found.push(problem);
      else this.dropped += 1;
    }
  }

  get isEmpty(): boolean {
    return this.found.length === 0;
  }

  list(): RenderProblem[] {
    if (this.dropped === 0) return [...this.found];
    return [...this.found, { message: `and ${this.dropped} more problems`, remedy: 'fix those above first' }];
  }
}

/** One line for people: `web/api.yaml:12 (document 2) spec.replicas: what is wrong; what to do`. */
export function describeProblem(problem: RenderProblem): string {
  const file =
    problem.file === undefined ? '' : `${problem.file}${problem.line === undefined ? '' : `:${problem.line}`}`;
  const document = problem.document === undefined ? '' : `(document ${problem.document})`;
  const where = [file, document, problem.field ?? ''].filter((part) => part !== '').join(' ');
  const remedy = problem.remedy === undefined ? '' : `; ${problem.remedy}`;
  return `${where === '' ? '' : `${where}: `}${problem.message}${remedy}`;
}
