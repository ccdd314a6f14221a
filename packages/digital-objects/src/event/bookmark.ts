// A position in a tenant's log, `{epoch}.{seq}`, which each answer carries and clients send back. The epoch is created
// with the log, so that a bookmark of a tenant's previous log is recognized after the tenant was replaced.

export interface Bookmark {
  readonly epoch: string
  readonly seq: number
}

/** A log without events has no epoch yet; its bookmark is `new.0`. */
export function formatBookmark({ epoch, seq }: { readonly epoch: string | undefined; readonly seq: number }): string {
  return `${epoch ?? 'new'}.${seq}`
}

/** Returns undefined if the string is not a bookmark. A `seq` is a safe integer, so it has at most 15 digits. */
export function parseBookmark(text: string): Bookmark | undefined {
  const [, epoch, digits] = /^([0-9a-z]{1,32})\.(\d{1,15})$/.exec(text) ?? []
  return epoch === undefined ? undefined : { epoch, seq: Number(digits) }
}

/** Whether a log that ends at `head` contains everything up to the bookmark. */
export function isCovered({ epoch, seq }: Bookmark, log: { epoch: string | undefined; head: number }): boolean {
  return seq === 0 || (epoch === log.epoch && seq <= log.head)
}

/**
 * Returns the newer of two bookmarks. A bookmark of another epoch does not replace a known one: the server refuses the
 * old one with `bookmark_ahead`, so a client learns that its tenant was replaced. A bookmark of an empty log is replaced.
 */
export function newerBookmark(known: Bookmark | undefined, received: Bookmark): Bookmark {
  if (known === undefined || known.seq === 0) return received
  return known.epoch === received.epoch && received.seq > known.seq ? received : known
}
