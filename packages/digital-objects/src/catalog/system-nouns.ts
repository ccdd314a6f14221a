// The Nouns of the system itself, whose entities clients reach only through operations of the tenant.

import type { NounSchema } from '../noun/schema.ts'
import { rulesNoun } from './rules-noun.ts'
import { schemaNoun } from './schema-noun.ts'
import { settingsNoun } from './settings-noun.ts'

const systemNouns: readonly NounSchema[] = [schemaNoun, settingsNoun, rulesNoun]

export const systemNounNames: readonly string[] = systemNouns.map(({ name }) => name)

/** Returns the system's own Noun of that name, or undefined. */
export function systemNoun(name: string): NounSchema | undefined {
  return systemNouns.find((noun) => noun.name === name)
}
