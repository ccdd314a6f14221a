// A point of a tenant's log, `{epoch}.{seq}`, as each answer carries it. The epoch is made with the log, so two of
// different epochs cannot be compared.

export interface Bookmark {
  readonly epoch: string
  readonly seq: number
}

/** Undefined for what no answer gave. */
export function parseBookmark(text: string): Bookmark | undefined {
  const [, epoch, digits] = /^([0-9a-z]{1,32})\.(\d{1,15})$/.exec(text) ?? []
  return epoch === undefined ? undefined : { epoch, seq: Number(digits) }
}

export function formatBookmark({ epoch, seq }: Bookmark): string {
  return `${epoch}.${seq}`
}

/**
 * The newer of two. One of another epoch is not taken over: what was read before would silently be of another log. The
 * server refuses the old one with `bookmark_ahead`, and who keeps it decides. A log that had nothing had no epoch.
 */
export function newerBookmark(known: Bookmark | undefined, heard: Bookmark): Bookmark {
  if (known === undefined || known.seq === 0) return heard
  return known.epoch === heard.epoch && heard.seq > known.seq ? heard : known
}
