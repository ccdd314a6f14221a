// Yields to other tasks during long work.

/** Resolves in a later task of the event loop, so that writers and other callers of the object run first. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}
