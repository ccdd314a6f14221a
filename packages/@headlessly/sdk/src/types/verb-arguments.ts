// The arguments of verbs that are not fields of their entity. The compiler cannot see a verb's effects, which are data, so
// the names are repeated here; a test compares them with the Nouns.

import type { JsonValue, KnownName, UpdateInput } from 'digital-objects'
import type { NounOf } from './noun-of.ts'

/** Verbs that create an entity if called without an id. */
export interface CreatingVerbs {
  readonly Activity: 'log'
  readonly Contact: 'capture'
  readonly Integration: 'connect'
  readonly Invoice: 'finalize'
  readonly Payment: 'capture'
  readonly User: 'invite'
}

export interface VerbArguments {
  readonly Agent: {
    readonly approve: Json<'action' | 'reason'>
    readonly ask: Json<'question' | 'message' | 'context'>
    readonly decide: Json<'question' | 'options' | 'context'>
    readonly delegate: Json<'to' | 'task' | 'context'>
    readonly deploy: Json<'task' | 'context'>
    readonly do: Json<'task' | 'context'>
    readonly escalate: FieldAs<'Agent', 'reason', 'lastEscalation'>
    readonly invoke: Json<'task' | 'message' | 'input' | 'context'>
    readonly learn: Json<'category' | 'insight' | 'outcome' | 'context'>
    readonly notify: Json<'message' | 'to' | 'channel'>
  }
  readonly Contact: { readonly merge: Json<'from'> }
  readonly Content: { readonly schedule: FieldAs<'Content', 'publishAt', 'scheduledAt'> }
  readonly Deal: { readonly win: Json<'plan' | 'price' | 'quantity'> }
  readonly FeatureFlag: { readonly rollout: FieldAs<'FeatureFlag', 'percentage' | 'percent', 'rolloutPercentage'> }
  readonly Form: { readonly submit: Json<'data' | 'campaign' | 'utm'> }
  readonly Funnel: { readonly analyze: Json<'filter'> }
  readonly Integration: { readonly connect: Json<'credentials' | 'config'> }
  readonly Invoice: { readonly credit: Amount & { readonly reason?: string }; readonly pay: Amount }
  readonly Lead: { readonly convert: Json<'createDeal' | 'dealName' | 'value' | 'pipeline'> }
  readonly Organization: { readonly score: FieldAs<'Organization', 'score', 'healthScore'> }
  readonly Payment: {
    readonly refund: Amount & { readonly reason?: string; readonly pending?: boolean; readonly creditNote?: string }
  }
  readonly Ticket: { readonly assign: FieldAs<'Ticket', 'agent', 'assignee'> }
  readonly Workflow: { readonly trigger: FieldAs<'Workflow', 'input', 'lastInput'> }
}

/** In minor units. */
interface Amount {
  readonly amount?: number
}

type Json<Names extends string> = { readonly [Name in Names]?: JsonValue }

/** Other names of a field: `percentage` for `rolloutPercentage`. */
type FieldAs<Name extends KnownName, Names extends string, Field extends keyof UpdateInput<NounOf<Name>>> = {
  readonly [Alias in Names]?: UpdateInput<NounOf<Name>>[Field]
}

/** `ArgumentsOf<'Agent', 'ask'>` -> `{ question?, message?, context? }`; `{}` for most. */
export type ArgumentsOf<Name, Verb> = Name extends keyof VerbArguments
  ? Verb extends keyof VerbArguments[Name]
    ? VerbArguments[Name][Verb]
    : unknown
  : unknown
