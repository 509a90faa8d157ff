import { Body, Controller, Get, Header, HttpCode, Param, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { type Digest, digestSchema } from '#libs/protocol/digest';
import type { JoinAnswer } from '#libs/protocol/join';
import { type RotateAnswer, type RotateRequest, rotateRequestSchema } from '#libs/protocol/rotate';
import {
  joinRequestSchema,
  type OpenedSession,
  openSessionSchema,
  type PostedRecords,
  postedRecordsSchema,
  tokenRequestSchema,
} from '#libs/protocol/sync';
import { Public } from '#src/hub/access/permission.decorator';
import { BodyLimit } from '#src/hub/http/body.decorators';
import { AgentGuard, CallingCluster } from './agent.guard';
import { AgentKeys } from './agent-keys.service';
import { AgentTokens } from './agent-tokens.service';
import type { AgentCluster } from './agents.repository';
import { Joining } from './joining.service';
import { NodeReader } from './node-reader.service';
import { readSync, type Versioned, versionedSchema } from './protocols/served';
import { Records } from './records.service';
import { Sessions } from './sessions.service';
import { Sync } from './sync.service';

const byAgentToken = 'agents have tokens of their own, which AgentGuard checks';
const maxRecordsBytes = 4 * 1024 * 1024;

/** The agents' protocol; its formats stand in `libs/protocol`. */
@ApiExcludeController()
@Controller('agent/v1')
export class AgentsController {
  constructor(
    private readonly joining: Joining,
    private readonly tokens: AgentTokens,
    private readonly sessions: Sessions,
    private readonly syncs: Sync,
    private readonly nodes: NodeReader,
    private readonly appended: Records,
    private readonly keys: AgentKeys,
  ) {}

  @Public('the join token in the body is the credential')
  @Post('join')
  @HttpCode(200)
  async join(@Body({ schema: joinRequestSchema }) body: z.infer<typeof joinRequestSchema>): Promise<JoinAnswer> {
    return await this.joining.join(body);
  }

  @Public('an assertion that the agent signed is the credential')
  @Post('token')
  @HttpCode(200)
  async token(@Body({ schema: tokenRequestSchema }) body: z.infer<typeof tokenRequestSchema>) {
    return await this.tokens.issue(body.assertion);
  }

  @Public(byAgentToken)
  @UseGuards(AgentGuard)
  @Post('rotate')
  @HttpCode(200)
  async rotate(
    @CallingCluster() cluster: AgentCluster,
    @Body({ schema: rotateRequestSchema }) body: RotateRequest,
  ): Promise<RotateAnswer> {
    return await this.keys.announce(cluster, body);
  }

  @Public(byAgentToken)
  @UseGuards(AgentGuard)
  @Post('sessions')
  @HttpCode(200)
  async openSession(
    @CallingCluster() cluster: AgentCluster,
    @Body({ schema: openSessionSchema }) body: z.infer<typeof openSessionSchema>,
  ): Promise<OpenedSession> {
    return await this.sessions.open(cluster, body.request);
  }

  @Public(byAgentToken)
  @UseGuards(AgentGuard)
  @Post('sync')
  @HttpCode(200)
  async sync(
    @CallingCluster() cluster: AgentCluster,
    @Body({ schema: versionedSchema }) body: Versioned,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    const { protocol, request: asked } = readSync(body);
    const gone = new AbortController();
    const abort = (): void => gone.abort();
    request.raw.socket.once('close', abort);
    try {
      return protocol.answer(await this.syncs.sync(cluster, asked, gone.signal));
    } finally {
      request.raw.socket.off('close', abort);
    }
  }

  @Public(byAgentToken)
  @UseGuards(AgentGuard)
  @Get('nodes/:digest')
  @Header('content-type', 'application/json')
  async node(
    @CallingCluster() cluster: AgentCluster,
    @Param('digest', { schema: digestSchema }) digest: Digest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { text, sensitive } = await this.nodes.read(cluster, digest);
    void reply.header('etag', `"${digest}"`);
    void reply.header('cache-control', sensitive ? 'no-store' : 'private, max-age=31536000, immutable');
    return text;
  }

  @Public(byAgentToken)
  @UseGuards(AgentGuard)
  @BodyLimit(maxRecordsBytes)
  @Post('records')
  @HttpCode(204)
  async records(
    @CallingCluster() cluster: AgentCluster,
    @Body({ schema: postedRecordsSchema }) body: PostedRecords,
  ): Promise<void> {
    await this.appended.append(cluster.id, body);
  }
}
