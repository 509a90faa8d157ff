import { SetMetadata } from '@nestjs/common';
import type { Permission as PermissionName } from './permissions';

export const permissionKey = 'flotilla:permission';
export const publicKey = 'flotilla:public';

/** What the caller's token must allow. Every route has this, or `Public`. */
export const Permission = (permission: PermissionName): MethodDecorator => SetMetadata(permissionKey, permission);

/** Without an API token; the reason says what protects the route, or why nothing needs to. */
export const Public = (reason: string): MethodDecorator => SetMetadata(publicKey, reason);
