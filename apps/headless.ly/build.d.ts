/** Bundles the Worker and the launcher into `dist`. */
export function build(): Promise<void>
/** The same, where the sources are newer than the bundles; nothing where there are no sources. */
export function buildIfStale(): Promise<void>
