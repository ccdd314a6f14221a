// A client's bookmark against the tenant's log.

import { isCovered, ObjectError, parseBookmark } from 'digital-objects'

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
