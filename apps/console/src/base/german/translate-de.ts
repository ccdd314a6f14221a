// Texts of the server in German: its refusals, and the descriptions of types, fields and verbs. The words of types, fields and states in
// them are those of the console.

import { makeTranslate, type SentenceTable, type SlotKind, type Translate } from '../message-pattern.ts'
import type { Words } from '../names.ts'
import { accessRefusalsDe } from './access-refusals-de.ts'
import { billingFieldsDe } from './billing-fields-de.ts'
import { definitionRefusalsDe } from './definition-refusals-de.ts'
import { expectedDe } from './expected-de.ts'
import { fieldFaultsDe } from './field-faults-de.ts'
import { importRefusalsDe } from './import-refusals-de.ts'
import { moreVerbDescriptionsDe } from './more-verb-descriptions-de.ts'
import { queryRefusalsDe } from './query-refusals-de.ts'
import { peopleFieldsDe } from './people-fields-de.ts'
import { conflictsDe, possibleDe, refusalsDe } from './refusals-de.ts'
import { salesFieldsDe } from './sales-fields-de.ts'
import { typeDescriptionsDe } from './type-descriptions-de.ts'
import { verbDescriptionsDe } from './verb-descriptions-de.ts'
import { wordSlots } from './word-slots-de.ts'
import { workFieldsDe } from './work-fields-de.ts'

/** Every table whose entries are whole sentences. */
const sentences: SentenceTable = {
  ...refusalsDe,
  ...accessRefusalsDe,
  ...importRefusalsDe,
  ...definitionRefusalsDe,
  ...queryRefusalsDe,
}

/** Exact sentences come before the forms that many share. */
const descriptions: SentenceTable = {
  ...typeDescriptionsDe,
  ...verbDescriptionsDe,
  ...moreVerbDescriptionsDe,
  ...peopleFieldsDe,
  ...salesFieldsDe,
  ...billingFieldsDe,
  ...workFieldsDe,
}

/** The server cuts a list of faults that is longer. */
const cutFrom = 1_500

export function makeTranslateDe(words: Words): Translate {
  const kinds: Record<string, SlotKind> = { ...wordSlots(words) }
  const part = (say: Translate, pattern = '.+?'): SlotKind => ({ pattern, say })
  const tableOf = (table: SentenceTable): Translate => makeTranslate(table, kinds)
  const fault = tableOf(fieldFaultsDe)
  const whole = tableOf(sentences)
  const described = tableOf(descriptions)
  const describe: Translate = (text, noun) => {
    const said = text.split(/(?<=\.) (?=[A-Z])/).map((one) => described(one, noun))
    return said.includes(undefined) ? undefined : said.join(' ')
  }
  const refused: Translate = (text, noun) => (whole(text, noun) ?? fault(text, noun))?.replace(/([.?!])\.$/, '$1')
  const all: Translate = (text, noun) => refused(text, noun) ?? describe(text, noun)
  // `field 'name' is required`
  const ofField: Translate = (text, noun) => {
    const [, field = '', message = ''] = /^field '(.*?)' (.+)$/s.exec(text) ?? []
    const label = message.startsWith('is not declared') ? field : kinds['field']?.say(field, noun)
    return named(label, fault(message, noun))
  }
  // `'currency' expects a code`
  const ofSetting: Translate = (text) => {
    const [, name, message = ''] = /^'(.*?)' (.+)$/s.exec(text) ?? []
    return named(name, all(message))
  }
  Object.assign(kinds, {
    expected: part(tableOf(expectedDe)),
    possible: part(tableOf(possibleDe)),
    conflict: part(tableOf(conflictsDe)),
    cause: part(tableOf({ ...conflictsDe, ...possibleDe })),
    fault: part(fault),
    faults: part((text, noun) => each(text.split(/; (?=field ')/), (one) => ofField(one, noun)), "field '.+"),
    settings: part((text) => each(text.split(/; (?=')/), ofSetting), "'.+"),
    reason: part(all),
    reasons: part((text) => each(text.split('; '), all)),
  } satisfies Record<string, SlotKind>)
  return all
}

function named(name: string | undefined, said: string | undefined): string | undefined {
  return name === undefined || said === undefined ? undefined : `„${name}“ ${said}`
}

/** Returns undefined if one has no translation, except the last of those that the server has cut. */
function each(texts: readonly string[], say: (text: string) => string | undefined): string | undefined {
  const said = texts.map(say)
  const isCut = texts.join('; ').length > cutFrom && said.at(-1) === undefined
  const shown = isCut ? [...said.slice(0, -1), '…'] : said
  return shown.includes(undefined) ? undefined : shown.join('; ')
}
