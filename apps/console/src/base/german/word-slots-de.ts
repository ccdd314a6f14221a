// Parts of the server's sentences in German that are names of the catalog, values or times.

import type { SlotKind } from '../message-pattern.ts'
import { eventLabel, fieldLabel, nounLabel, valueLabel, verbLabel, verbWord, type Words } from '../names.ts'

const givenDe: Readonly<Record<string, string>> = {
  'an array': 'eine Liste',
  'an object': 'ein Objekt',
  undefined: 'nichts',
  'no value': 'ohne Wert',
  'not set': 'ohne Wert',
}

const connectionsDe: Readonly<Record<string, string>> = {
  mail: 'E-Mail',
  model: 'Sprachmodell',
  webhooks: 'Webhooks',
  stripe: 'Stripe',
}

const time = new Intl.DateTimeFormat('de-DE', { dateStyle: 'medium', timeStyle: 'short' })

const verbatim = (pattern: string): SlotKind => ({ pattern, say: (text) => text })
const listed = (text: string, say: (one: string) => string): string =>
  text
    .split(/, | or /)
    .map(say)
    .join(' oder ')

/** Words beside operators: the sentence `is not declared by User` is none. */
const ruleText = String.raw`(?:acyclic )?[^;]*?(?:[<>=*+/]|\d|\(no value\)|acyclic \w+)[^;]*?`

/** Slots whose part stands as it is, or is a word of the console. */
export function wordSlots(words: Words): Readonly<Record<string, SlotKind>> {
  const sayState = (text: string, noun: string | undefined): string => givenDe[text] ?? valueLabel(text, words, noun)
  const sayField = (text: string, noun: string | undefined): string =>
    words[`${noun ?? ''}.${text}`] ??
    words[text] ??
    (/[A-Z]/.test(text) && !text.includes('.') ? fieldLabel(text, words) : text)
  // An amount rule names fields: `amountDue 5 <= total 4`.
  const sayRule = (text: string, noun: string | undefined): string =>
    text
      .replaceAll('(no value)', '(ohne Wert)')
      .replaceAll(/(?<!")\b[a-z]\w*\b(?!")/g, (one) => words[`${noun ?? ''}.${one}`] ?? words[one] ?? one)
  const sayCall = (call: string): string => {
    const [noun = '', verb = ''] = call.split('.')
    return `${nounLabel(noun, words)} ${verbWord(verb, words, noun)}`
  }
  const name = String.raw`[A-Za-z$][\w$]*`
  return {
    number: { pattern: String.raw`-?\d[\d.e+]*`, say: (text) => text },
    id: verbatim(String.raw`[\w:-]{1,100}`),
    name: verbatim('.+?'),
    names: verbatim('.+?'),
    path: verbatim(String.raw`[\w$.[\]]+`),
    rule: { pattern: ruleText, say: sayRule },
    sum: { pattern: ruleText, say: sayRule },
    figures: { pattern: '.+?', say: sayRule },
    given: { pattern: '.+?', say: (text) => givenDe[text] ?? text },
    time: { pattern: String.raw`\d{4}-\d\d-\d\dT[\d:.]+Z`, say: (text) => time.format(new Date(text)) },
    noun: { pattern: String.raw`[A-Z]\w*`, say: (text) => nounLabel(text, words) },
    nouns: {
      pattern: String.raw`[A-Z]\w*(?:(?:, | or )[A-Z]\w*)*`,
      say: (text) => listed(text, (one) => nounLabel(one, words)),
    },
    field: { pattern: String.raw`[\w$.]*`, say: sayField },
    state_field: { pattern: name, say: sayField },
    state: { pattern: `no value|not set|${name}`, say: sayState },
    states: {
      pattern: `${name}(?:(?:, | or )${name})*`,
      say: (text, noun) => listed(text, (one) => sayState(one, noun)),
    },
    verb: { pattern: name, say: (text, noun) => verbWord(text, words, noun) },
    connection: { pattern: '.+?', say: (text) => connectionsDe[text] ?? text },
    event: { pattern: name, say: (text, noun) => eventLabel(text, words, noun) },
    verbs: {
      pattern: '.+?',
      say: (text, noun) =>
        text.replaceAll(new RegExp(String.raw`(${name})(?: \(to (${name})\))?`, 'g'), (_, verb: string, to?: string) =>
          to === undefined
            ? verbLabel(verb, words, noun)
            : `${verbLabel(verb, words, noun)} (zu ${sayState(to, noun)})`,
        ),
    },
    call: {
      pattern: String.raw`[A-Z]\w*\.\w+(?:, [A-Z]\w*\.\w+)*`,
      say: (text) => text.split(', ').map(sayCall).join(', '),
    },
  }
}
