// Sentences of the server in another language, from patterns as data: `expects {expected}, got {given}`. The kind of a slot is its
// name without digits. A sentence of which a part has no translation has none, so that nobody reads half of it.

/** Patterns and their translations, which have the same slots. */
export type SentenceTable = Readonly<Record<string, string>>

export interface SlotKind {
  /** A regular expression without groups. */
  readonly pattern: string
  /** The translated part; undefined if it has no translation. `noun` is the type that the sentence is about. */
  readonly say: (text: string, noun: string | undefined) => string | undefined
}

export type Translate = (text: string, noun?: string) => string | undefined

/** Longer texts are no sentences of the server, and would take long to match. */
const charactersMax = 5_000

export function makeTranslate(table: SentenceTable, kinds: Readonly<Record<string, SlotKind>>): Translate {
  let compiled: readonly CompiledPattern[] | undefined
  return (text, noun) => {
    if (Object.hasOwn(table, text)) return table[text]
    if (text.length > charactersMax) return undefined
    compiled ??= Object.entries(table).flatMap(([pattern, translation]) =>
      pattern.includes('{') ? [compile({ pattern, translation, kinds })] : [],
    )
    for (const pattern of compiled) {
      const found = pattern.regex.exec(text)
      const said = found === null ? undefined : fill(pattern, found.slice(1), noun)
      if (said !== undefined) return said
    }
    return undefined
  }
}

interface CompiledPattern {
  readonly regex: RegExp
  readonly slots: readonly Slot[]
  readonly translation: string
}

interface Slot {
  readonly name: string
  readonly kind: SlotKind
}

interface Uncompiled {
  readonly pattern: string
  readonly translation: string
  readonly kinds: Readonly<Record<string, SlotKind>>
}

/** JSON in a pattern, such as `{"stage":"Lead"}`, is no slot. */
const slotPattern = /\{(\w+)\}/g

/** Throws an Error for a slot whose kind is unknown. */
function compile({ pattern, translation, kinds }: Uncompiled): CompiledPattern {
  const slots = [...pattern.matchAll(slotPattern)].map(([, name = '']) => {
    const kind = kinds[name.replace(/\d+$/, '')]
    if (kind === undefined) throw new Error(`no kind of slot '${name}' in '${pattern}'`)
    return { name, kind }
  })
  const literals = pattern.split(/\{\w+\}/).map((literal) => literal.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const groups = slots.map(({ kind }) => `(${kind.pattern})`)
  const source = literals.map((literal, at) => `${literal}${groups[at] ?? ''}`).join('')
  return { regex: new RegExp(`^${source}$`, 's'), slots, translation }
}

/** Returns undefined if a part has no translation. */
function fill({ slots, translation }: CompiledPattern, parts: readonly string[], about?: string): string | undefined {
  const noun = parts[slots.findIndex(({ name }) => name === 'noun')] ?? about
  const said = new Map<string, string>()
  for (const [at, { name, kind }] of slots.entries()) {
    const part = kind.say(parts[at] ?? '', noun)
    if (part === undefined) return undefined
    said.set(name, part)
  }
  return translation.replace(slotPattern, (whole, name: string) => said.get(name) ?? whole)
}
