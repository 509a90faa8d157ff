import { Injectable } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { docsPage } from './docs-page';
import { openApiDocument } from './document';

/** The document of the running app; made when it is first asked for. */
@Injectable()
export class OpenApi {
  private app?: INestApplication;
  private made?: OpenAPIObject;
  private page?: string;

  attach(app: INestApplication): void {
    this.app = app;
  }

  document(): OpenAPIObject {
    if (this.app === undefined) throw new Error('OpenApi is not attached to its app');
    return (this.made ??= openApiDocument(this.app));
  }

  html(): string {
    return (this.page ??= docsPage(this.document()));
  }
}
