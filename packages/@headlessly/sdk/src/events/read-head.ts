// The end of the tenant's log.

import { type Bookmark, parseBookmark } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { Session } from '../calls/session.ts'

export async function readHead(session: Session, signal: AbortSignal | undefined): Promise<Bookmark> {
  // No event is after this `seq`, so the answer is empty; only its bookmark is needed.
  const parameters = { after: '999999999999999', limit: '1' }
  const answer = await session.send({ kind: 'read', read: 'events', parameters }, signal)
  const head = parseBookmark(answer.bookmark ?? '')
  if (head !== undefined) return head
  throw new HeadlesslyError({ code: 'unexpected_answer', message: 'expected a bookmark from the log' })
}
