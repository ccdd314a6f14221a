// A point of a tenant's log, as clients carry it: the epoch of the log and a `seq`. The epoch is made with the log, so
// a tenant that was restored from elsewhere is noticed by those who had seen more of the old one.

import { ObjectError } from 'digital-objects'

export function formatBookmark(options: { epoch: string | undefined; seq: number }): string {
  return `${options.epoch ?? 'new'}.${options.seq}`
}

/** Throws `bookmark_ahead` when the bookmark is of another log or ahead of this one. */
export function checkBookmark(text: string, options: { epoch: string | undefined; head: number }): void {
  const match = /^([0-9a-z]{1,32})\.(\d{1,16})$/.exec(text)
  if (match === null) {
    throw new ObjectError({
      code: 'invalid_parameter',
      field: 'X-Headlessly-Bookmark',
      message: 'expected a bookmark as an answer gave it',
    })
  }
  const [, epoch, digits] = match
  const seq = Number(digits)
  if (seq === 0 || (epoch === options.epoch && seq <= options.head)) return
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
