// Work that has to be done in time.

/** What the work comes to, or the error that `late` makes when it takes longer. The work itself is not stopped. */
export async function withDeadline<Result>(
  work: Promise<Result>,
  options: { readonly ms: number; readonly late: () => Error },
): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | null = null
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(options.late()), options.ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
