// Encodes a message of calls, and parses the answers: the same over HTTP, over a WebSocket and out of the sandbox. An
// answer is a line of JSON with the outcome, then the body.

import { messageCharactersMax, parseJson, type Via } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import { refusalToError } from './problem-to-error.ts'
import type { CallMessage, Outcome } from './transport.ts'

/**
 * `carry` takes the text to the server and returns its answers. Throws a HeadlesslyError: `unexpected_answer`, or
 * `payload_too_large`, because a session whose message is too large ends, and the messages of others with it.
 */
export async function sendAsText(
  { calls, bookmark }: CallMessage,
  { via, carry }: { readonly via?: Via; readonly carry: (text: string) => Promise<unknown> },
): Promise<readonly Outcome[]> {
  const text = JSON.stringify({ calls, bookmark, via })
  if (text.length > messageCharactersMax) {
    const message = `a message holds at most ${messageCharactersMax} characters, got ${text.length}`
    throw new HeadlesslyError({ code: 'payload_too_large', field: 'body', message })
  }
  return parseAnswers(await carry(text), calls.length)
}

function parseAnswers(answers: unknown, count: number): readonly Outcome[] {
  if (!isTexts(answers)) throw unexpected()
  const outcomes = answers.map(parseAnswer)
  const [only] = outcomes
  if (outcomes.length === count) return outcomes
  // The message as a whole was refused.
  if (outcomes.length === 1 && only instanceof HeadlesslyError) return Array.from({ length: count }, () => only)
  throw unexpected()
}

function isTexts(answers: unknown): answers is readonly string[] {
  return Array.isArray(answers) && answers.every((text) => typeof text === 'string')
}

function parseAnswer(text: string): Outcome {
  // Nobody waits for this call's answer.
  if (text === '') return { body: undefined, bookmark: undefined }
  const end = text.indexOf('\n')
  const head = parseJson(text.slice(0, end), unexpected)
  const body = text.slice(end + 1)
  if (typeof head !== 'object' || head === null || !('ok' in head)) throw unexpected()
  const bookmark = 'bookmark' in head && typeof head.bookmark === 'string' ? head.bookmark : undefined
  if (head.ok === true) return { body: body === '' ? undefined : parseJson(body, unexpected), bookmark }
  return refusalToError('problem' in head ? head.problem : undefined, bookmark)
}

function unexpected(): HeadlesslyError {
  return new HeadlesslyError({ code: 'unexpected_answer', message: 'expected the answers to a message' })
}
