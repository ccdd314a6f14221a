// An answer as one text: a line of JSON, then the body as it is. Between isolates a text is cheaper than an object, and
// the body, which is JSON already, is not written out again.

import type { Answer, Answered, Refused } from './call.ts'

export function formatAnswer(answer: Answer): string {
  if (!answer.ok) return `${JSON.stringify(answer)}\n`
  const { body, ...head } = answer
  return `${JSON.stringify(head)}\n${body}`
}

/** Reads what `formatAnswer` wrote. */
export function parseAnswer(text: string): Answer {
  const end = text.indexOf('\n')
  const head = JSON.parse(text.slice(0, end)) as Omit<Answered, 'body'> | Refused
  return head.ok ? { ...head, body: text.slice(end + 1) } : head
}
