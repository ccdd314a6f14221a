// An answer as one string: a line of JSON, then the body unchanged. A string crosses isolates more cheaply than an object,
// and the body, which is JSON already, is not serialized again.

import type { Answer, Answered, Refused } from './answer.ts'

export function formatAnswer(answer: Answer): string {
  if (!answer.ok) return `${JSON.stringify(answer)}\n`
  const { body, ...head } = answer
  return `${JSON.stringify(head)}\n${body}`
}

/** Reverses `formatAnswer`. */
export function parseAnswer(text: string): Answer {
  const end = text.indexOf('\n')
  const head = JSON.parse(text.slice(0, end)) as Omit<Answered, 'body'> | Refused
  return head.ok ? { ...head, body: text.slice(end + 1) } : head
}
