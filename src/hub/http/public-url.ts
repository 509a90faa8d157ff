import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { HUB_CONFIG } from '#src/hub/config/config.module';
import type { HubConfig } from '#src/hub/config/schema';

/** How agents and people reach this hub. */
@Injectable()
export class PublicUrl {
  constructor(
    @Inject(HUB_CONFIG) private readonly config: HubConfig,
    private readonly adapterHost: HttpAdapterHost,
  ) {}

  /** Without a slash at its end. With port 0 it is known once the hub listens. */
  get(): string {
    const { publicUrl, host, port } = this.config.http;
    if (publicUrl !== undefined) return publicUrl.replace(/\/+$/, '');
    const server = this.adapterHost.httpAdapter.getHttpServer() as { address(): { port: number } | string | null };
    const address = server.address();
    const actual = typeof address === 'object' && address !== null ? address.port : port;
    return `http://${host.includes(':') ? `[${host}]` : host}:${actual}`;
  }
}
