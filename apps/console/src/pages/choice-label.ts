// The name of an action that a person may choose: its verb, and its state where the verb alone does not say it.

import type { Say } from '../base/language.ts'
import { valueLabel, verbLabel, type Words } from '../base/names.ts'
import type { Entity } from '../data/entity.ts'
import type { NounInfo } from '../data/noun-schema.ts'
import { type ChosenVerb, statesAfter } from '../data/possible-verbs.ts'

interface LabelledChoice {
  readonly choice: ChosenVerb
  readonly info: NounInfo
  readonly entity: Entity
  readonly words: Words
  readonly say: Say
}

/** `Advance to Proposal`, but `Lose`, which leads to one state, and `Assign`, which leaves the state as it is. */
export function choiceLabel({ choice: { verb, to }, info, entity, words, say }: LabelledChoice): string {
  const name = verbLabel(verb, words, info.name)
  const isClear = to === undefined || statesAfter(info, verb).length < 2 || to === entity[info.state ?? '']
  return isClear ? name : `${name} ${say('verb.to', { state: valueLabel(to, words, info.name) })}`
}
