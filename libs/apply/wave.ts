import { describeObject, referenceOf, type KubernetesObject, type ObjectReference } from '#libs/kubernetes/object';
import { waveAnnotation } from '#libs/kubernetes/our-metadata';

/** Enough for any plan that people make, and small enough to catch a timestamp. */
export const waveLimit = 1_000;

export interface WaveError {
  object: ObjectReference;
  /** What the annotation holds, clipped. */
  value: string;
  message: string;
}

/** The wave of an object: the integer in its annotation, 0 without one. */
export function waveOf(object: KubernetesObject): number | WaveError {
  const value: unknown = object.metadata.annotations?.[waveAnnotation];
  if (value === undefined || value === null) return 0;
  const wave = typeof value === 'string' && /^[+-]?\d{1,6}$/.test(value) ? Number(value) : NaN;
  // `+ 0` makes of -0 a plain zero, which would otherwise be a wave of its own.
  if (Math.abs(wave) <= waveLimit) return wave + 0;
  return waveError(referenceOf(object), value);
}

function waveError(object: ObjectReference, value: unknown): WaveError {
  const shown = String(value).slice(0, 100);
  return {
    object,
    value: shown,
    message:
      `${describeObject(object)}: annotation ${waveAnnotation} is ${JSON.stringify(shown)}; ` +
      `write an integer from -${waveLimit} to ${waveLimit} in quotes, for example "10"`,
  };
}
