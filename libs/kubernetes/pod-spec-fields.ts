import { atomic, below, by, type Fields } from './topology';

const containerFields: Fields = {
  ports: { type: 'map', keys: ['containerPort', 'protocol'], defaults: { protocol: 'TCP' } },
  env: by('name'),
  'env.valueFrom.fieldRef': atomic,
  'env.valueFrom.resourceFieldRef': atomic,
  'env.valueFrom.configMapKeyRef': atomic,
  'env.valueFrom.secretKeyRef': atomic,
  volumeMounts: by('mountPath'),
  volumeDevices: by('devicePath'),
  'resources.claims': by('name'),
};

/** How server-side apply divides a PodSpec, wherever it stands. */
export const podSpecFields: Fields = {
  ...below('containers', containerFields),
  ...below('initContainers', containerFields),
  ...below('ephemeralContainers', containerFields),
  containers: by('name'),
  initContainers: by('name'),
  ephemeralContainers: by('name'),
  volumes: by('name'),
  imagePullSecrets: by('name'),
  hostAliases: by('ip'),
  topologySpreadConstraints: by('topologyKey', 'whenUnsatisfiable'),
  'topologySpreadConstraints.labelSelector': atomic,
  resourceClaims: by('name'),
  schedulingGates: by('name'),
  nodeSelector: atomic,
};
