import { describeKubernetesApi } from '../contract';
import { memoryKubernetes } from './memory-kubernetes';

describeKubernetesApi('in-memory Kubernetes', () => Promise.resolve(memoryKubernetes()));
