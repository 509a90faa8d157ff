import type { KubernetesObject } from '#libs/kubernetes/object';

/** A file below the application's path; `path` is relative to it, with `/`. */
export interface RenderFile {
  path: string;
  content: Uint8Array;
}

export type ParameterValue = string | number | boolean;

export interface RenderInput {
  files: readonly RenderFile[];
  /** The application's own parameters as declared, placeholders kept. A renderer that takes no values ignores them. */
  parameters: Readonly<Record<string, ParameterValue | null>>;
}

/** Where something stands. `document` counts from 1 within the file, empty documents included; `line` from 1. */
export interface Origin {
  file?: string;
  document?: number;
  line?: number;
}

/** What is wrong, where, and what to do. Never shows a value of a manifest: it may be a secret. */
export interface RenderProblem extends Origin {
  /** As in `spec.containers[0].image`. */
  field?: string;
  message: string;
  remedy?: string;
}

/** One object as written, before parameters and normalisation. */
export interface RenderedObject {
  object: KubernetesObject;
  origin: Origin;
  /**
   * JSON pointers of the values that are exactly one `${...}` and stand without quotes: there, a parameter of type
   * number or boolean keeps its type.
   */
  barePlaceholders: ReadonlySet<string>;
}

export type RenderResult =
  { ok: true; objects: RenderedObject[]; warnings: RenderProblem[] } | { ok: false; errors: RenderProblem[] };

/** Turns files into objects. Pure: the same version gives the same objects for the same input, for ever. */
export interface Renderer {
  readonly name: string;
  /** An input of every release: changes whenever the same files could give other objects. */
  readonly version: string;
  render(input: RenderInput): Promise<RenderResult> | RenderResult;
}
