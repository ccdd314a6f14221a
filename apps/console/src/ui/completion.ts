// The words that may follow at a place of code over the client `$`: its members and types after `$.`, methods after `$.Deal.`, and
// fields inside of the braces that follow.

/** The part of a type that is completed. */
interface CompletedNoun {
  readonly fields: readonly { readonly name: string; readonly kind: string }[]
  readonly verbs: readonly { readonly verb: string; readonly category: string }[]
}

export interface Completion {
  /** The place at which the word begins. */
  readonly from: number
  readonly words: readonly string[]
}

interface CompletionParts {
  readonly text: string
  readonly caret: number
  readonly types: readonly string[]
  /** The type that the code names last before the caret. */
  readonly info: CompletedNoun | undefined
}

const members = ['batch', 'metrics', 'events', 'commits', 'access', 'settings', 'status']
const methods = ['get', 'find', 'findOne', 'count', 'aggregate', 'create', 'update', 'delete', 'history', 'updateMany']

/** The name of the type that the code names last before the caret. */
export function nounAt(text: string, caret: number): string | undefined {
  return [...text.slice(0, caret).matchAll(/\$\.([A-Z]\w*)/g)].at(-1)?.[1]
}

export function completionAt({ text, caret, types, info }: CompletionParts): Completion {
  const before = text.slice(0, caret)
  const word = /\w*$/.exec(before)?.[0] ?? ''
  const from = caret - word.length
  const lead = before.slice(0, from)
  if (lead.endsWith('$.')) return { from, words: matching([...types, ...members], word) }
  if (/\$\.[A-Z]\w*\.$/.test(lead)) return { from, words: matching([...verbsOf(info), ...methods], word) }
  const isField = /[{,]\s*$/.test(lead) && lead.lastIndexOf('{') > lead.lastIndexOf('}')
  if (!isField || info === undefined) return { from, words: [] }
  return {
    from,
    words: matching(
      info.fields.filter(({ kind }) => kind !== 'reverse').map(({ name }) => name),
      word,
    ),
  }
}

function verbsOf(info: CompletedNoun | undefined): readonly string[] {
  return info?.verbs.filter(({ category }) => category === 'custom').map(({ verb }) => verb) ?? []
}

/** A word that is already there in full needs no list. */
function matching(words: readonly string[], begun: string): readonly string[] {
  const lower = begun.toLowerCase()
  const found = [...new Set(words)].filter((word) => word.toLowerCase().startsWith(lower))
  return found.length === 1 && found[0] === begun ? [] : found
}
