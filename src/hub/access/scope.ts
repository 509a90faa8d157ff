import { z } from 'zod';
import { nameSchema } from '#libs/resources/names';
import { Problem } from '#src/hub/http/problem';
import type { Actor } from './actor';

/** What a token is restricted to; a member that is not given restricts nothing. */
export const scopeSchema = z
  .strictObject({
    regions: z.array(nameSchema).min(1).max(200).optional(),
    /** Names of applications. */
    applications: z.array(nameSchema).min(1).max(1_000).optional(),
  })
  .meta({ id: 'TokenScope' });
export type Scope = z.infer<typeof scopeSchema>;

export function isUnscoped(scope: Scope): boolean {
  return scope.regions === undefined && scope.applications === undefined;
}

export function seesRegion(actor: Actor, region: string): boolean {
  return actor.scope.regions === undefined || actor.scope.regions.includes(region);
}

export function seesApplication(actor: Actor, application: string): boolean {
  return actor.scope.applications === undefined || actor.scope.applications.includes(application);
}

/** A cluster bears on all its applications: a token for some applications changes none. Throws Problem 403. */
export function requireRegion(actor: Actor, region: string): void {
  if (actor.scope.applications !== undefined) {
    throw Problem.forbidden('this token is for certain applications and cannot change clusters; use one for regions');
  }
  if (!seesRegion(actor, region)) {
    throw Problem.forbidden(`this token is for the regions ${actor.scope.regions?.join(', ')}, not for ${region}`);
  }
}

/** An application reaches over regions: a token for some regions changes none. Throws Problem 403. */
export function requireApplication(actor: Actor, application: string): void {
  if (actor.scope.regions !== undefined) {
    throw Problem.forbidden(
      'this token is for certain regions and cannot change applications; use one for applications',
    );
  }
  if (!seesApplication(actor, application)) {
    throw Problem.forbidden(
      `this token is for the applications ${actor.scope.applications?.join(', ')}, not for ${application}`,
    );
  }
}

/** For what concerns the whole fleet. Throws Problem 403. */
export function requireUnscoped(actor: Actor): void {
  if (!isUnscoped(actor.scope)) {
    throw Problem.forbidden('this concerns the whole fleet and needs a token without a scope');
  }
}
