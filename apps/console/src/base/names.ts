// Labels of what the catalog names: `expectedCloseDate` -> `Expected close date`. A language may bring its own words.

export type Words = Readonly<Record<string, string>>

/** `plural` is for lists: `Deals`. */
export function nounLabel(name: string, words: Words, form: 'one' | 'many' = 'one'): string {
  const known = words[form === 'many' ? `${name}s` : name]
  if (known !== undefined) return known
  const spoken = separate(name)
  return form === 'one' ? spoken : pluralOf(spoken)
}

/** `noun` is the type of the field, which may have a word of its own. */
export function fieldLabel(name: string, words: Words, noun?: string): string {
  return wordOf(words, name, noun) ?? separate(name.replace(/^\$/, ''))
}

/** A value of a field, such as `InProgress` -> `In progress`. */
export function valueLabel(value: string, words: Words, noun?: string): string {
  const known = wordOf(words, `value.${value}`, noun)
  return known ?? (/^[A-Z]?[a-z]+(?:[A-Z][a-z]+)*$/.test(value) ? separate(value) : value)
}

/** `markPastDue` -> `Mark past due`. */
export function verbLabel(verb: string, words: Words, noun?: string): string {
  return capitalized(verbWord(verb, words, noun))
}

/** The verb inside of a sentence: `mark past due`. */
export function verbWord(verb: string, words: Words, noun?: string): string {
  const spoken = separate(verb)
  return wordOf(words, `verb.${verb}`, noun) ?? spoken.charAt(0).toLowerCase() + spoken.slice(1)
}

/** The event of a verb, such as `Won`. */
export function eventLabel(event: string, words: Words, noun?: string): string {
  return wordOf(words, `event.${event}`, noun) ?? event
}

/** `Deal.Won` -> `Deal: Won`. */
export function changeLabel(eventType: string, words: Words): string {
  const [noun = '', event = ''] = eventType.split('.')
  return `${nounLabel(noun, words)}: ${eventLabel(event, words, noun)}`
}

/** The word of a type comes first: `Subscription.verb.cancel` before `verb.cancel`. */
function wordOf(words: Words, name: string, noun: string | undefined): string | undefined {
  return (noun === undefined ? undefined : words[`${noun}.${name}`]) ?? words[name]
}

/** Parts of names that people write in capitals: `slaDueAt` -> `SLA due at`. */
const abbreviations = new Set(['api', 'arr', 'cta', 'id', 'mrr', 'nps', 'pdf', 'seo', 'sla', 'url', 'utm'])

function separate(name: string): string {
  const spaced = name.replace(/([a-z\d])([A-Z])/g, '$1 $2').replace(/[_-]/g, ' ')
  // Abbreviations such as `SLA` stay.
  const words = spaced.split(' ').map((word, at) => {
    if (abbreviations.has(word.toLowerCase())) return word.toUpperCase()
    return at === 0 || /^[A-Z]{2,}$/.test(word) ? word : word.toLowerCase()
  })
  const text = words.join(' ')
  return capitalized(text)
}

function pluralOf(text: string): string {
  if (/(?:content)$/i.test(text)) return text
  if (/[^aeiou]y$/.test(text)) return `${text.slice(0, -1)}ies`
  return /(?:s|x|ch|sh)$/.test(text) ? `${text}es` : `${text}s`
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
