import type { AgentRuntime } from '../runtime';
import { type KubernetesApi, KubernetesError } from './port';

const defaultPauseMs = 1_000;
const maxPauseMs = 60_000;
/** On top, so that not all that wait come back at one instant. */
const jitterMs = 500;
const maxAttempts = 4;

/**
 * Keeps to what the API server asks for: after a 429 nothing at all is sent until the time that it named has passed, and
 * then the call is made again, a few times; a refused call has changed nothing. What is still refused then fails with
 * `throttled`, as ever.
 */
export function respectingLimits(api: KubernetesApi, runtime: AgentRuntime): KubernetesApi {
  let openAtMs = -Infinity;
  const wait = async (): Promise<void> => {
    for (;;) {
      const waitMs = openAtMs - runtime.monotonicMs();
      if (waitMs <= 0) return;
      await runtime.sleep(waitMs + runtime.random() * jitterMs);
    }
  };
  const patiently = async <T>(call: () => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt += 1) {
      await wait();
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof KubernetesError) || error.errorClass !== 'throttled') throw error;
        const pauseMs = Math.min(error.details.retryAfterMs ?? defaultPauseMs, maxPauseMs);
        openAtMs = Math.max(openAtMs, runtime.monotonicMs() + pauseMs);
        if (attempt >= maxAttempts) throw error;
      }
    }
  };
  return {
    serverVersion: () => patiently(() => api.serverVersion()),
    resourceOf: (kind) => patiently(() => api.resourceOf(kind)),
    get: (reference) => patiently(() => api.get(reference)),
    list: (kind, options) => patiently(() => api.list(kind, options)),
    heads: (kind, options) => patiently(() => api.heads(kind, options)),
    // An informer waits by itself; it must not hold on to a call that is over.
    watch: async (kind, options, onEvent) => {
      await wait();
      return api.watch(kind, options, onEvent);
    },
    apply: (object, options) => patiently(() => api.apply(object, options)),
    create: (object, options) => patiently(() => api.create(object, options)),
    replace: (object, options) => patiently(() => api.replace(object, options)),
    delete: (reference, options) => patiently(() => api.delete(reference, options)),
    close: () => api.close(),
  };
}
