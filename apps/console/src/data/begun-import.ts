// The import into a list that was begun in this tab, so that the page finds it after it was loaded again. Without storage, as in some
// private windows, only an import that still runs is found.

interface ListOf {
  readonly tenant: string
  readonly noun: string
}

export function begunImport(list: ListOf): string | undefined {
  try {
    return sessionStorage.getItem(keyOf(list)) ?? undefined
  } catch {
    return undefined
  }
}

/** A value of undefined forgets it. */
export function storeBegunImport(list: ListOf, job: string | undefined): void {
  try {
    if (job === undefined) sessionStorage.removeItem(keyOf(list))
    else sessionStorage.setItem(keyOf(list), job)
  } catch {
    // Storage is off or full.
  }
}

function keyOf({ tenant, noun }: ListOf): string {
  return `headlessly.import.${tenant}.${noun}`
}
