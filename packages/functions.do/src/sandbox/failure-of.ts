// Explains why a run returned no report: the code did not load, or its isolate was terminated. The platform only
// provides a message.

import type { ObjectErrorData } from 'digital-objects'
import { busyMsMax } from './sandbox.ts'

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
  // The code waits for a promise that nothing resolves: `new Promise(() => {})`.
  if (/would never generate a response/.test(text)) return 'the code waits for a promise that never resolves'
  // Cloudflare's words for the limits that it enforces itself.
  if (/exceeded CPU time limit/i.test(text)) return `the code kept the processor for ${busyMsMax / 1_000} s`
  if (/exceeded memory limit/i.test(text)) return 'the code used more memory than a run may'
  return `the code was ended: ${text.split('\n', 1)[0] ?? ''}${at}`
}
