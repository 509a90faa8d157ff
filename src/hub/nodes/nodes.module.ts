import { Global, Module } from '@nestjs/common';
import { NodesRepository } from './nodes.repository';
import { Nodes } from './nodes.service';

@Global()
@Module({ providers: [Nodes, NodesRepository], exports: [Nodes] })
export class NodesModule {}
