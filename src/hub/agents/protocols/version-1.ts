import { syncRequestSchema } from '#libs/protocol/sync';
import type { AgentProtocol } from './protocol';

export const version1: AgentProtocol = { version: 1, sync: syncRequestSchema, answer: (answer) => answer };
