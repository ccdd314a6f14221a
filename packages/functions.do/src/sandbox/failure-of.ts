// Why a run brought no report: the code did not load, or its isolate was ended. All the platform says is a text.

import type { ObjectErrorData } from 'digital-objects'

const messageCharactersMax = 1_000

export function failureOf(error: unknown): ObjectErrorData {
  const text = error instanceof Error ? error.message : String(error)
  const line = /\bcode\.js:(\d{1,6})/.exec(text)?.[1]
  return {
    code: 'code_failed',
    field: 'code',
    message: sentenceOf(text, line).slice(0, messageCharactersMax),
    ...(line === undefined ? {} : { detail: { line: Number(line) } }),
  }
}

function sentenceOf(text: string, line: string | undefined): string {
  const at = line === undefined ? '' : `, at line ${line}`
  const uncaught = /Uncaught (.+)/.exec(text)?.[1]
  if (uncaught !== undefined) return `the code does not load: ${uncaught}${at}`
  // What it waits for belongs to nobody: `new Promise(() => {})`.
  if (/would never generate a response/.test(text)) return 'the code waits for what never comes'
  return `the code was ended: ${text.split('\n', 1)[0] ?? ''}${at}`
}
