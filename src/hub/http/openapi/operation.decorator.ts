import { applyDecorators, HttpCode } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';
import { problemKinds, type ProblemKind } from '../problem';

export interface OperationOptions {
  /** Unique over the API, a verb first: `listClusters`. Names the operation in generated clients. */
  id: string;
  summary: string;
  description?: string;
  /** 200 unless told. */
  status?: number;
  /** Schema of the answer, with `.meta({ id })`; none: no content, or `contentType`. */
  answer?: z.ZodType;
  /** Of an answer that is not JSON. */
  contentType?: string;
  /** Refusals beside those that every route has (400, 401, 403, 429, 500, 503, and 404 where a path has a name). */
  problems?: readonly ProblemKind[];
}

/** What the documentation says of a route, and its status. */
export function Operation(options: OperationOptions): MethodDecorator {
  const { id, summary, description, status = 200, answer, contentType, problems = [] } = options;
  const content = contentType === undefined ? {} : { content: { [contentType]: { schema: { type: 'string' } } } };
  return applyDecorators(
    HttpCode(status),
    ApiOperation({ operationId: id, summary, ...(description === undefined ? {} : { description }) }),
    ApiResponse({
      status,
      description: summary,
      ...(answer === undefined ? {} : { standardSchema: answer }),
      ...content,
    }),
    ...problems.map((kind) =>
      ApiResponse({ status: problemKinds[kind].status, description: problemKinds[kind].title }),
    ),
  );
}
