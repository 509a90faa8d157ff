/** Names that the agent uses in a cluster; its RBAC and its documentation use the same. */
export const agentNamespace = 'flotilla-system';
export const identitySecret = 'flotilla-agent';
export const stateConfigMap = 'flotilla-state';
export const inventoryPrefix = 'flotilla-inventory-';
export const platformServiceAccount = 'flotilla-platform';
export const platformBinding = 'flotilla-platform';

/** The one field manager of everything that is applied for an application. */
export const fieldManager = 'flotilla';
/** Of the agent's own bookkeeping objects. */
export const ownFieldManager = 'flotilla-agent';

/** On every inventory ConfigMap; for finding them. */
export const inventoryLabel = 'flotilla.dev/inventory';
export const ownLabels = { 'app.kubernetes.io/managed-by': 'flotilla-agent' };

export const agentVersion = '0.1.0';
