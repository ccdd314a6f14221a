// The newest write of each tenant that this isolate forwarded. A client that sends bookmarks sees its own writes
// through them. A plain `curl` sends none, and would not find what it has just created. So a read without a bookmark
// skips files until they include the newest write forwarded here.

import { LruCache } from '@dotdo/db'
import { type Bookmark, parseBookmark } from 'digital-objects'

/** Beyond this, the tenant whose last write is oldest is dropped. */
const tenantsMax = 10_000

export class RecentWrites {
  readonly #bookmarks = new LruCache<Bookmark>(tenantsMax)

  /** Refused writes count too: a client that was refused for a conflict has seen the conflicting state. */
  note(tenant: string, text: string): void {
    const bookmark = parseBookmark(text)
    const known = this.#bookmarks.get(tenant)
    if (bookmark === undefined || bookmark.seq === 0) return
    // Answers may arrive in another order than their commits.
    if (known !== undefined && known.epoch === bookmark.epoch && known.seq > bookmark.seq) return
    this.#bookmarks.set(tenant, bookmark, 1)
  }

  newest(tenant: string): Bookmark | undefined {
    return this.#bookmarks.get(tenant)
  }

  forget(tenant: string): void {
    this.#bookmarks.delete(tenant)
  }
}
