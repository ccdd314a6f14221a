// Formats events as server-sent events (WHATWG HTML, section 9.2). A large commit comes in parts, so that a slow reader of
// it holds little. Only the last message of a commit has an `id`, the commit's last `seq`, so no reader resumes inside one.

import { type CommitEvents, commitHead, commitsOf, commitTail, type LiveEvent } from './live-event.ts'

export interface SsePart {
  readonly events: readonly LiveEvent[]
  readonly readThrough: number
}

export class SseMessages {
  readonly #takesCommits: boolean
  readonly #commitEnd: (seq: number) => number
  /** The commit whose messages have begun and not ended. */
  #begun: number | undefined

  /** Each commit is one message if `takesCommits`. */
  constructor(options: { readonly takesCommits: boolean; readonly commitEnd: (seq: number) => number }) {
    this.#takesCommits = options.takesCommits
    this.#commitEnd = options.commitEnd
  }

  /** Whether a message has begun, in which nothing else may be sent. */
  get isInMessage(): boolean {
    return this.#takesCommits && this.#begun !== undefined
  }

  /** Parts come in order, without a gap. Returns '' if there is nothing to send yet. */
  format({ events, readThrough }: SsePart): string {
    const commits = commitsOf(events)
    let text = ''
    // The rest of that commit may have no event for this reader.
    if (this.#begun !== undefined && commits[0]?.[0].commit !== this.#begun) {
      const end = this.#commitEnd(this.#begun)
      if (readThrough < end) return ''
      text = this.#takesCommits ? `${commitTail}\n\n` : `id: ${end}\n\n`
      this.#begun = undefined
    }
    for (const [at, commit] of commits.entries()) {
      const last = commit.at(-1)?.seq ?? 0
      const end = commits[at + 1]?.[0].commit === last + 1 ? last : this.#commitEnd(last)
      const isEnding = end <= readThrough
      text += this.#takesCommits ? this.#partOf(commit, end, isEnding) : messagesOf(commit, end, isEnding)
      this.#begun = isEnding ? undefined : commit[0].commit
    }
    return text
  }

  #partOf(commit: CommitEvents, end: number, isEnding: boolean): string {
    const head = `id: ${end}\nevent: Commit\ndata: ${commitHead(commit[0], end)}`
    const texts = commit.map(({ text }) => text).join(',')
    return `${this.#begun === undefined ? head : ','}${texts}${isEnding ? `${commitTail}\n\n` : ''}`
  }
}

function messagesOf(commit: CommitEvents, end: number, isEnding: boolean): string {
  const id = (at: number): string => (isEnding && at === commit.length - 1 ? `id: ${end}\n` : '')
  return commit.map(({ type, text }, at) => `${id(at)}event: ${type}\ndata: ${text}\n\n`).join('')
}
