// Checks a client's bookmark against the tenant's log.

import { isCovered, ObjectError, parseBookmark } from 'digital-objects'

/** Throws `bookmark_ahead` if the bookmark is of another log or beyond the end of this one. */
export function checkBookmark(text: string, options: { epoch: string | undefined; head: number }): void {
  const bookmark = parseBookmark(text)
  if (bookmark === undefined) {
    throw new ObjectError({
      code: 'invalid_parameter',
      field: 'X-Headlessly-Bookmark',
      message: 'expected a bookmark from an earlier answer',
    })
  }
  if (isCovered(bookmark, options)) return
  const { epoch, seq } = bookmark
  throw new ObjectError({
    code: 'bookmark_ahead',
    field: 'X-Headlessly-Bookmark',
    message:
      epoch === options.epoch
        ? `the bookmark is at ${seq}, but the log ends at ${options.head}: this tenant lost events that you have seen`
        : 'the bookmark is of another log: this tenant was created again',
    detail: { head: options.head },
  })
}
