import type { Server } from 'node:http';
import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

/** How an agent in this process reaches this very hub, past any balancer. */
@Injectable()
export class OwnAddress {
  constructor(private readonly adapterHost: HttpAdapterHost) {}

  isListening(): boolean {
    return this.server().listening;
  }

  /** Known once the hub listens. */
  url(): string {
    const address = this.server().address();
    if (address === null || typeof address === 'string') throw new Error('the hub does not listen on a port');
    const any: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
    const host = any[address.address] ?? address.address;
    return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
  }

  private server(): Server {
    return this.adapterHost.httpAdapter.getHttpServer() as Server;
  }
}
