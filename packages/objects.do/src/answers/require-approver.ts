// Approvers are persons who may do everything, and who did not ask. A program never approves what it has asked for.

import { isFullAuthority, ObjectError } from 'digital-objects'
import type { Caller } from './caller.ts'

/** Throws an ObjectError `forbidden`. `asked` is the caller who asked for the approval with this id. */
export function requireApprover(caller: Caller, { id, asked }: { readonly id: string; readonly asked: Caller }): void {
  const { authority, answers } = caller
  const { who, onBehalfOf } = authority
  if (!isFullAuthority(authority)) throw refused('only a person who may do everything approves')
  if (answers !== undefined) {
    if (answers === id && mayBeAsked(caller) && isSamePrincipal(caller, asked)) return
    throw refused('a question of a client is answered about its own request, by the person who has let it in')
  }
  if (onBehalfOf !== undefined || who.startsWith('agent_') || !isFirstHand(caller.via))
    throw refused('an agent approves nothing: a person has to')
  if (who.startsWith('apikey_')) throw refused('a key without an owner is no person')
  if (who !== asked.authority.who) return
  if (isSignedIn(caller) && !isSignedIn(asked)) return
  throw refused('nobody approves an own request: another person has to')
}

/** Whether a client's question reaches the person: one who has let in a client of OAuth, or who works on this machine. */
export function mayBeAsked({ authority: { who, onBehalfOf, through } }: Caller): boolean {
  const isPerson = onBehalfOf === undefined && !who.startsWith('agent_') && !who.startsWith('apikey_')
  return isPerson && (through === undefined || through.kind === 'grant')
}

/** Whether the caller is the one who asked. */
export function mayWithdraw(caller: Caller, asked: Caller): boolean {
  return caller.authority.who === asked.authority.who
}

function isSamePrincipal({ authority: left }: Caller, { authority: right }: Caller): boolean {
  return left.who === right.who && left.through?.id === right.through?.id
}

/** Without a key, the caller is the owner of the machine; over the interface for agents, one of the owner's programs. */
function isSignedIn({ authority: { through }, via }: Caller): boolean {
  return isFirstHand(via) && (through === undefined || through.kind === 'session')
}

function isFirstHand(via: Caller['via']): boolean {
  return via === 'rest' || via === 'sdk' || via === 'cli'
}

function refused(message: string): ObjectError {
  return new ObjectError({ code: 'forbidden', message })
}
