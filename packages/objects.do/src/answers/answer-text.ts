// Answers as strings: a line of JSON, then the body unchanged. Passing a string between isolates is cheaper than passing an
// object, and the body, which is JSON already, is not serialized again.

import { type Authority, type Call, isFullAuthority } from 'digital-objects'
import type { Answer, Answered, AnswersCalls, CallMessage, Refused, SentAuthority } from './answer.ts'

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

/** Returns the refusal that the text of an answer is; undefined for any other answer. */
export function refusalIn(text: string): Refused | undefined {
  if (text === '' || text.startsWith('{"ok":true')) return undefined
  const answer = parseAnswer(text)
  return answer.ok ? undefined : answer
}

/** Returns the bookmark of an answer that is no refusal, without parsing it; '' for an empty answer. */
export function bookmarkInText(text: string): string {
  // Nothing in the line before the body comes from a caller.
  return /^[^\n]*"bookmark":"([^"]*)"/.exec(text)?.[1] ?? ''
}

/** A refusal of a silent call may be the end of the program. */
export function formatProgramAnswer(answer: Answer, call: Call | undefined): string {
  return answer.ok && call?.isSilent === true ? '' : formatAnswer(answer)
}

/** Joins all answers of a message: a line with their lengths, then the answers. */
export function formatAnswers(answers: readonly string[]): string {
  return `${answers.map(({ length }) => length).join()}\n${answers.join('')}`
}

/**
 * Sends a message to a tenant's object. Returns an answer for each call, for `parseAnswer`; '' for a silent call. Returns
 * undefined if the tenant would begin with this message and may not.
 */
export function askTenant(
  object: Pick<AnswersCalls, 'answer'>,
  { caller, calls, mayBegin = true, program }: CallMessage,
): Promise<readonly string[] | undefined> {
  return object
    .answer({
      caller: { ...caller, authority: toSent(caller.authority) },
      calls,
      mayBegin,
      ...(program === undefined ? {} : { program }),
    })
    .then(splitAnswers)
}

/** Reverses `formatAnswers`; undefined if there are none. */
function splitAnswers(text: string): readonly string[] | undefined {
  if (text === '') return undefined
  const end = text.indexOf('\n')
  let start = end + 1
  return text
    .slice(0, end)
    .split(',')
    .map((length) => text.slice(start, (start += Number(length))))
}

/** Only a full authority that says nothing else has the short form. */
export function toSent(authority: Authority): SentAuthority {
  const { who, onBehalfOf, through } = authority
  if (through !== undefined) return { key: through.id }
  return onBehalfOf === undefined && isFullAuthority(authority) ? who : authority
}
