/** Labels and annotations of ours on the objects that we apply. */

/** On every object that we apply; its value is the application's name. It serves finding and watching, and alone deletes nothing. */
export const applicationLabel = 'flotilla.dev/application';

/** An integer; objects of a lower wave are applied first. Without it: 0. */
export const waveAnnotation = 'flotilla.dev/wave';

/** `disabled`: the object is never deleted by us. */
export const pruneAnnotation = 'flotilla.dev/prune';
export const pruneDisabled = 'disabled';
