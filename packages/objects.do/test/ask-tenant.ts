// Sends one call to a tenant's object, for tests.

import type { Call, CallOf, Parameters } from 'digital-objects'
import { type Answer, type AnswersCalls, askTenant, type Caller, parseAnswer } from 'objects.do'

export async function ask(stub: AnswersCalls, caller: Caller, call: Call): Promise<Answer> {
  const [answer = ''] = (await askTenant(stub, { caller, calls: [call] })) ?? []
  return parseAnswer(answer)
}

export interface ReadGiven {
  readonly read: string
  readonly noun?: string
  readonly id?: string
  readonly parameters?: Parameters
}

export function toRead({ parameters = {}, ...given }: ReadGiven): CallOf<'read'> {
  return { kind: 'read', parameters, ...given }
}

export function askRead(stub: AnswersCalls, caller: Caller, given: ReadGiven): Promise<Answer> {
  return ask(stub, caller, toRead(given))
}

export interface WriteGiven {
  readonly noun: string
  readonly verb: string
  readonly id?: string
  readonly body?: string
}

export function askWrite(stub: AnswersCalls, caller: Caller, { body = '', ...given }: WriteGiven): Promise<Answer> {
  return ask(stub, caller, { kind: 'write', body, ...given })
}
