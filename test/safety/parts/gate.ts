type Method = (...given: unknown[]) => Promise<unknown>;

export interface Gate {
  /** Resolves when a call waits. */
  reached: Promise<void>;
  /** Lets it, and all later ones, go on. */
  open(): void;
}

const gates: Gate[] = [];

/** After each test: a worker that waits for ever would keep its hub from ending. */
export function openAllGates(): void {
  for (const gate of gates.splice(0)) gate.open();
}

/** The next such call of the method does its work, and then waits with the answer: a worker that was paused there. */
export function pauseAfter<T extends object>(
  of: T,
  method: keyof T & string,
  isIt: (first: unknown) => boolean = () => true,
): Gate {
  const implementation = of[method] as Method;
  const original: Method = (...given) => implementation.apply(of, given);
  let reach!: () => void;
  let release!: () => void;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const released = new Promise<void>((resolve) => (release = resolve));
  let paused = false;
  Object.assign(of, {
    [method]: async (...given: unknown[]) => {
      const answer = await original(...given);
      if (paused || !isIt(given[0])) return answer;
      paused = true;
      reach();
      await released;
      return answer;
    },
  });
  const gate = { reached, open: release };
  gates.push(gate);
  return gate;
}
