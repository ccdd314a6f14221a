// The newest write of each tenant that this isolate passed on. Clients that carry bookmarks see their own writes by them;
// a plain `curl` carries none, and would be surprised to create something and not find it in the list. So a read that
// brings no bookmark is held to the newest write that came this way, until the files have it.

import { LruCache } from '@dotdo/db'
import { type Bookmark, parseBookmark } from 'digital-objects'

/** Beyond them the tenant is forgotten that wrote longest ago. */
const tenantsMax = 10_000

export class RecentWrites {
  readonly #bookmarks = new LruCache<Bookmark>(tenantsMax)

  /** Refused writes count too: a client that was told of a conflict has seen the state that it conflicts with. */
  note(tenant: string, text: string): void {
    const bookmark = parseBookmark(text)
    const known = this.#bookmarks.get(tenant)
    if (bookmark === undefined || bookmark.seq === 0) return
    // Answers may come in another order than their commits.
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
