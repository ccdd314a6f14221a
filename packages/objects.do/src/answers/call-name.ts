// The names of a call and of its key, for logs and refusals.

import { type Call, ObjectError } from 'digital-objects'
import type { SentAuthority } from './answer.ts'

export function nameOf(call: Call): string {
  if (call.kind === 'command') return call.command
  const name = call.kind === 'write' ? call.verb : call.read
  return call.noun === undefined ? name : `${call.noun}.${name}`
}

export function unknownCommand(name: string): ObjectError {
  return new ObjectError({ code: 'not_found', field: 'command', message: `there is no command '${name.slice(0, 64)}'` })
}

export function keyOf(sent: SentAuthority): string | undefined {
  return typeof sent === 'object' && 'key' in sent ? sent.key : undefined
}
