import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { targetPhases } from '#libs/protocol/report';
import type { AgentView } from '../running';

/** What an agent says of itself when it is asked; counts and states, no names. */
export function agentMetrics(state: () => AgentView | undefined): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string, read: (view: AgentView) => number): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        const view = state();
        this.set(view === undefined ? 0 : read(view));
      },
    });
  };
  gauge('flotilla_agent_connected', '1 while the hub is heard', ({ isConnected }) => (isConnected ? 1 : 0));
  gauge('flotilla_agent_session', 'number of the session', ({ session }) => session);
  gauge('flotilla_agent_root_epoch', 'of the root that is held', ({ root }) => root?.epoch ?? 0);
  gauge('flotilla_agent_root_generation', 'of the root that is held', ({ root }) => root?.generation ?? 0);
  gauge('flotilla_agent_held', '1 while a halt is in force for all of the cluster', ({ hold }) =>
    hold.cluster ? 1 : 0,
  );
  gauge('flotilla_agent_waiting_reports', 'reports that could not be sent yet', ({ waitingReports }) => waitingReports);
  gauge('flotilla_agent_drifted_objects', 'objects that differ from what was applied', ({ targets }) =>
    targets.reduce((sum, { drifted }) => sum + drifted, 0),
  );
  new Gauge({
    name: 'flotilla_agent_targets',
    help: 'applications on this cluster',
    labelNames: ['phase'],
    registers: [registry],
    collect() {
      const targets = state()?.targets ?? [];
      for (const phase of targetPhases) this.set({ phase }, targets.filter((one) => one.phase === phase).length);
    },
  });
  return registry;
}
