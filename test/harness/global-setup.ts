import { openRun, runVariable } from './run/folder';

/** Before the first worker: a folder for the servers of this run. Nothing is started until a suite asks for it. */
export default function globalSetup(): void {
  const run = openRun();
  process.env[runVariable] = run.folder;
  (globalThis as { flotillaRun?: unknown }).flotillaRun = run;
}
