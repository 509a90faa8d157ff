export const roles = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof roles)[number];

/** What may be done, and the least role that may do it. Every route names one of these, or says why it is public. */
export const permissions = {
  'clusters:read': 'viewer',
  'clusters:register': 'operator',
  'clusters:write': 'operator',
  'clusters:cordon': 'operator',
  'clusters:host': 'operator',
  'clusters:deregister': 'admin',
  'clusters:rejoin': 'admin',
  'clusters:revoke': 'admin',
  'sources:read': 'viewer',
  'sources:write': 'operator',
  'sources:refresh': 'operator',
  'applications:read': 'viewer',
  'applications:write': 'operator',
  'applications:sync': 'operator',
  'applications:delete': 'operator',
  'applications:confirm-removal': 'operator',
  'applications:approve-deletions': 'operator',
  'rollouts:read': 'viewer',
  'status:read': 'viewer',
  'holds:read': 'viewer',
  'holds:write': 'operator',
  'audit:read': 'operator',
  'dead-letters:read': 'operator',
  'tokens:read': 'admin',
  'tokens:write': 'admin',
} as const satisfies Record<string, Role>;
export type Permission = keyof typeof permissions;

export function allows(role: Role, permission: Permission): boolean {
  return roles.indexOf(role) >= roles.indexOf(permissions[permission]);
}
