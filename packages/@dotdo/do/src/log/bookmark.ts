// A point of a tenant's log, as clients carry it: the epoch of the log and a `seq`. The epoch is made with the log, so
// a tenant that was restored from elsewhere is noticed by those who had seen more of the old one.

import { ObjectError } from 'digital-objects'

export interface Bookmark {
  readonly epoch: string
  readonly seq: number
}

export function formatBookmark(options: { epoch: string | undefined; seq: number }): string {
  return `${options.epoch ?? 'new'}.${options.seq}`
}

/** Undefined for what no answer gave. */
export function parseBookmark(text: string): Bookmark | undefined {
  const [, epoch, digits] = /^([0-9a-z]{1,32})\.(\d{1,16})$/.exec(text) ?? []
  return epoch === undefined ? undefined : { epoch, seq: Number(digits) }
}

/** Whether a log that ends at `head` has everything that whoever holds the bookmark has seen. */
export function isCovered({ epoch, seq }: Bookmark, log: { epoch: string | undefined; head: number }): boolean {
  return seq === 0 || (epoch === log.epoch && seq <= log.head)
}

/** Throws `bookmark_ahead` when the bookmark is of another log or ahead of this one. */
export function checkBookmark(text: string, options: { epoch: string | undefined; head: number }): void {
  const bookmark = parseBookmark(text)
  if (bookmark === undefined) {
    throw new ObjectError({
      code: 'invalid_parameter',
      field: 'X-Headlessly-Bookmark',
      message: 'expected a bookmark as an answer gave it',
    })
  }
  if (isCovered(bookmark, options)) return
  const { epoch, seq } = bookmark
  throw new ObjectError({
    code: 'bookmark_ahead',
    field: 'X-Headlessly-Bookmark',
    message:
      epoch === options.epoch
        ? `the bookmark is at ${seq}, the log ends at ${options.head}: this tenant lost what you have seen`
        : 'the bookmark is of another log: this tenant was made anew',
    detail: { head: options.head },
  })
}
