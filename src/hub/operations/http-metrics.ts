import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { routeOf } from '#src/hub/http/server';
import { Metrics } from './metrics';

const bucketsSeconds = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** How long requests take, by route, and how busy the connections to the database are. */
@Injectable()
export class HttpMetrics implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly adapterHost: HttpAdapterHost,
    private readonly dataSource: DataSource,
  ) {}

  onModuleInit(): void {
    const durations = this.metrics.histogram({
      name: 'flotilla_http_request_duration_seconds',
      help: 'How long requests took, by route; agents that wait for news are among them.',
      labelNames: ['method', 'route', 'status'],
      buckets: bucketsSeconds,
    });
    const server = this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
    server.addHook('onResponse', (request, reply, done) => {
      const labels = { method: request.method, route: routeOf(request), status: String(reply.statusCode) };
      durations.observe(labels, reply.elapsedTime / 1000);
      done();
    });
    this.metrics.gauge(
      {
        name: 'flotilla_database_connections',
        help: 'Connections of this hub to PostgreSQL; `waiting` are requests for one.',
        labelNames: ['state'],
      },
      (gauge) => {
        const pool = (this.dataSource.driver as unknown as { master: Pool }).master;
        gauge.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
        gauge.set({ state: 'idle' }, pool.idleCount);
        gauge.set({ state: 'waiting' }, pool.waitingCount);
      },
    );
  }
}
