// The option that every call takes.

export interface CallOptions {
  /** Aborting it ends the call with the signal's reason. A write that was sent may have been done. */
  readonly signal?: AbortSignal
}
