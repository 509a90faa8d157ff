import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Part } from './cache';
import { command } from './command';
import { recipe } from './folders';

const files = ['go.mod', 'go.sum', 'build.sh'].map((name) => recipe('kubernetes', name));

/** etcd, kube-apiserver, kube-controller-manager and kubectl, from the Go module proxy. */
export const kubernetesPart: Part = {
  name: 'kubernetes',
  title: 'the control plane of Kubernetes 1.36.3, built from source with Go',
  takes: 'about 5 minutes',
  recipe: files,
  async build(folder) {
    // Elsewhere than in the repository: go writes beside its go.mod when it likes to.
    const work = mkdtempSync(path.join(tmpdir(), 'flotilla-kubernetes-'));
    try {
      for (const file of files) copyFileSync(file, path.join(work, path.basename(file)));
      await command('bash', [path.join(work, 'build.sh'), folder], {
        cwd: work,
        remedy: 'install bash',
      });
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  },
};
