/**
 * What is generated and checked in. Each command writes its artefact, and with --check it fails when the one that is
 * there is stale: { name: 'OpenAPI', command: ['node', 'scripts/openapi.js'] }
 */
module.exports.artefacts = [
  { name: 'OpenAPI', command: ['node', 'scripts/openapi.js'] },
  { name: 'Reference', command: ['node', 'scripts/reference.js'] },
  { name: 'CLI', command: ['node', 'scripts/cli-reference.js'] },
  { name: 'agent manifests', command: ['node', 'scripts/agent-manifests.js'] },
];
