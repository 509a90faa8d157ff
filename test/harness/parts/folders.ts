import path from 'node:path';

/** The repository, whether this runs from source (jest) or from dist. */
export const repository = __dirname.split(path.sep).includes('dist')
  ? path.join(__dirname, '..', '..', '..', '..')
  : path.join(__dirname, '..', '..', '..');

/** Recipes stay in the source tree: the build copies code only. */
export const recipe = (...names: string[]): string => path.join(repository, 'test', 'harness', ...names);
