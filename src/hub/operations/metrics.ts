import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

interface MetricOptions<L extends string> {
  /** Begins with `flotilla_`, and ends with its unit: `_total`, `_seconds`, `_bytes`. */
  name: string;
  help: string;
  /** Few values each: never a name of a cluster or an application. */
  labelNames?: readonly L[];
}

/** The metrics of this hub. Asking again for a name gives the same metric, so modules need not share them. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  counter<L extends string = never>({ name, help, labelNames = [] }: MetricOptions<L>): Counter<L> {
    const known = this.registry.getSingleMetric(name) as Counter<L> | undefined;
    return known ?? new Counter<L>({ name, help, labelNames: [...labelNames], registers: [this.registry] });
  }

  /** @param read called at each scrape; sets the values itself. When it fails, the rest is still told. */
  gauge<L extends string = never>(
    { name, help, labelNames = [] }: MetricOptions<L>,
    read?: (gauge: Gauge<L>) => Promise<void> | void,
  ): Gauge<L> {
    const known = this.registry.getSingleMetric(name) as Gauge<L> | undefined;
    if (known !== undefined) return known;
    return new Gauge<L>({
      name,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
      async collect() {
        try {
          await read?.(this);
        } catch {
          this.reset();
        }
      },
    });
  }

  histogram<L extends string = never>({
    name,
    help,
    labelNames = [],
    buckets,
  }: MetricOptions<L> & { buckets?: readonly number[] }): Histogram<L> {
    const known = this.registry.getSingleMetric(name) as Histogram<L> | undefined;
    return (
      known ??
      new Histogram<L>({
        name,
        help,
        labelNames: [...labelNames],
        registers: [this.registry],
        ...(buckets === undefined ? {} : { buckets: [...buckets] }),
      })
    );
  }
}
