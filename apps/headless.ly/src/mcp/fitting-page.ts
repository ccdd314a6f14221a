// Pages of lists that fit the budget of an answer. A page that is too long is read again with fewer items, so that its cursor
// leads on without a gap.

import type { ToolArguments } from './arguments.ts'
import { answerCharactersMax, ToolError } from './tool-answer.ts'

const limitDefault = 25
const limitMax = 100
/** Attempts to find the size of a page that fits. */
const attemptsMax = 4

export interface Page {
  readonly results: readonly unknown[]
}

/** The argument `limit`. Throws a ToolError. */
export function limitOf(args: ToolArguments): number {
  const text = args.text('limit')
  const limit = text === undefined ? limitDefault : Number(text)
  if (Number.isInteger(limit) && limit >= 1 && limit <= limitMax) return limit
  throw new ToolError(`limit expects a whole number from 1 to ${limitMax}, got '${String(text).slice(0, 64)}'`)
}

export async function fittingPage<Read extends Page>(
  limit: number,
  read: (limit: number) => Promise<Read>,
): Promise<Read> {
  let page = await read(limit)
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const characters = JSON.stringify(page).length
    const { length } = page.results
    if (characters <= answerCharactersMax || length <= 1) break
    page = await read(Math.max(1, Math.floor((length * answerCharactersMax * 0.9) / characters)))
  }
  return page
}
