/** What one rendering may cost. Passing a limit is an error that names it; nothing is cut short silently. */
export interface RenderLimits {
  /** Files below the application's path, of any kind. */
  files: number;
  fileBytes: number;
  totalBytes: number;
  /** YAML documents over all files, empty ones included. */
  documents: number;
  objects: number;
  /** One object as JSON. etcd refuses requests over 1.5 MiB. */
  objectBytes: number;
  /** Maps and lists within each other. */
  depth: number;
  /** Nodes that aliases stand for, over one document. */
  aliasNodes: number;
  /** Parameters that an application declares. */
  parameters: number;
  parameterBytes: number;
  /** Problems that one rendering reports; further ones are counted only. */
  problems: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

export const RENDER_LIMITS: RenderLimits = {
  files: 5_000,
  // Bundles of operators' CRDs run to megabytes in one file.
  fileBytes: 4 * MIB,
  totalBytes: 32 * MIB,
  documents: 5_000,
  objects: 5_000,
  objectBytes: MIB,
  depth: 64,
  aliasNodes: 10_000,
  parameters: 200,
  parameterBytes: 64 * KIB,
  problems: 50,
};
