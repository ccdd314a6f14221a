// The option that every call accepts.

export interface CallOptions {
  /** Aborting it ends the call with the signal's reason. A write that was already sent may take effect. */
  readonly signal?: AbortSignal | undefined
}
