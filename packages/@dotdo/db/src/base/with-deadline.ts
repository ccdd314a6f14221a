// Work that must finish in time.

/** Resolves as the work does, or rejects with the error that `timeoutError` makes after `ms`. The work itself goes on. */
export async function withDeadline<Result>(
  work: Promise<Result>,
  options: { readonly ms: number; readonly timeoutError: () => Error },
): Promise<Result> {
  const { promise: timeout, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(options.timeoutError()), options.ms)
  try {
    return await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
  }
}
