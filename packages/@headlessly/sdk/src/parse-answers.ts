// The answers to a message, as the server writes them: for each call a line of JSON, then the body.

import { parseJson } from 'digital-objects'
import { HeadlesslyError } from './headlessly-error.ts'
import { refusalToError } from './problem-to-error.ts'
import type { Outcome } from './transport.ts'

/** Throws a HeadlesslyError `unexpected_answer`. */
export function parseAnswers(answers: unknown, count: number): readonly Outcome[] {
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
  // Of one that nobody waits for.
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
