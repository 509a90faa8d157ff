import type { Application } from '../client/types';
import { counted } from '../output/text';

/** What does not go on until a person does something, however well the targets are. */
export interface Waiting {
  application: string;
  what: string;
  /** The command that says more. */
  see: string;
}

/** In the order of the applications; what cannot be rendered comes before what waits for a word. */
export function waitingOf(applications: readonly Application[]): Waiting[] {
  const failing = applications.filter(({ status }) => status.failingSince != null);
  return [
    ...failing.map(({ metadata: { name }, status }) => ({
      application: name,
      what: `cannot be rendered: ${firstLine(status.message ?? 'no reason is known')}`,
      see: `flotilla describe application ${name}`,
    })),
    ...applications.flatMap(waitingFor),
  ];
}

function waitingFor({ metadata: { name }, status: { pendingRemovals, pendingDeletions } }: Application): Waiting[] {
  const waiting: Waiting[] = [];
  if (pendingRemovals > 0) {
    waiting.push({
      application: name,
      what: `${counted(pendingRemovals, 'target')} lost the placement; leave or remove what runs there`,
      see: `flotilla application removals ${name}`,
    });
  }
  if (pendingDeletions > 0) {
    waiting.push({
      application: name,
      what: `deletions on ${counted(pendingDeletions, 'target')} wait for an approval`,
      see: `flotilla application deletions ${name}`,
    });
  }
  return waiting;
}

function firstLine(text: string): string {
  const [first = '', ...others] = text.split('\n');
  return others.length === 0 ? first : `${first} (and ${others.length} more)`;
}
