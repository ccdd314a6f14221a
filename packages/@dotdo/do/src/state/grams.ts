// Grams: the sequences of three characters of a string, by which an index finds the entities that a pattern may match. A pattern
// matches no string that lacks a gram of its plain parts.

/** Strings with more grams are candidates of every pattern, so that one long text costs the index little. */
const gramsMax = 5_000
/** The gram of strings with too many. No string has it, since it has one character. */
export const manyGrams = '\uE0FF'
/** Grams of one pattern that the index looks up: more would hardly exclude more entities. */
const patternGramsMax = 16
const gramLength = 3

/** Returns the distinct grams of these strings, or only `manyGrams`. */
export function gramsOf(texts: readonly string[]): ReadonlySet<string> {
  const grams = new Set<string>()
  for (const text of texts) {
    addGrams(grams, text)
    if (grams.size > gramsMax) return new Set([manyGrams])
  }
  return grams
}

/** Returns grams that each string has which the pattern matches, in RE2's syntax; none if there are no such grams. */
export function gramsOfPattern(pattern: string, ignoreCase: boolean): readonly string[] {
  const grams = new Set<string>()
  for (const part of plainParts(pattern)) {
    // The letter cases of other characters are those of the pattern's engine: such a character ends a part.
    for (const piece of ignoreCase ? part.split(/[^\0-\u007f]+/u) : [part]) addGrams(grams, piece)
  }
  return [...grams].slice(0, patternGramsMax)
}

function addGrams(grams: Set<string>, text: string): void {
  const characters = [...text].map(toGramCharacter)
  for (let at = 0; at + gramLength <= characters.length && grams.size <= gramsMax; at++)
    grams.add(characters.slice(at, at + gramLength).join(''))
}

/**
 * ASCII letters have one case, and the two other characters that match one without regard to case are that letter. Spaces and
 * punctuation, which would end a word of the index, are moved to a private range.
 */
function toGramCharacter(character: string): string {
  if (character === '\u212A') return 'k'
  if (character === '\u017F') return 's'
  const code = character.codePointAt(0) ?? 0
  if (code >= 0x80 || /[a-z0-9]/.test(character)) return character
  return /[A-Z]/.test(character) ? character.toLowerCase() : String.fromCodePoint(0xe000 + code)
}

/** Returns strings that occur in each string which the pattern matches. It understands little, and then returns none. */
function plainParts(pattern: string): readonly string[] {
  // Flags and quotations change what follows, and an alternative makes all of it optional.
  if (/\(\?|\\[QE]/.test(pattern) || hasAlternatives(pattern)) return []
  const parts: string[] = []
  let part = ''
  const end = (): void => {
    if (part !== '') parts.push(part)
    part = ''
  }
  const characters = [...pattern]
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? ''
    const next = characters[at + 1] ?? ''
    if (character === '\\') {
      at++
      if (/^[!-/:-@[-`{-~]$/.test(next)) part += next
      else return [] // A class, an anchor or the code of a character.
    } else if (character === '[') {
      end()
      at = endOfClass(characters, at)
    } else if (character === '(') {
      end()
      at = endOfGroup(characters, at)
    } else if (character === '*' || character === '?' || isRepetition(characters, at)) {
      // The character before may be missing.
      part = [...part].slice(0, -1).join('')
      end()
      if (character === '{') at = indexAfter(characters, '}', at)
    } else if (character === '+' || character === '.' || character === '^' || character === '$') end()
    else part += character
  }
  end()
  return parts
}

/** Whether there may be an alternative outside groups. */
function hasAlternatives(pattern: string): boolean {
  const characters = [...pattern]
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]
    if (character === '\\') at++
    else if (character === '[') at = endOfClass(characters, at)
    else if (character === '(') at = endOfGroup(characters, at)
    else if (character === '|') return true
  }
  return false
}

/** Returns the position of the class's last character. */
function endOfClass(characters: readonly string[], start: number): number {
  let at = start + 1
  if (characters[at] === '^') at++
  // A bracket at the beginning is a member.
  if (characters[at] === ']') at++
  for (; at < characters.length && characters[at] !== ']'; at++) {
    if (characters[at] === '\\') at++
    else if (characters[at] === '[' && characters[at + 1] === ':') at = indexAfter(characters, ']', at + 1)
  }
  return at
}

function endOfGroup(characters: readonly string[], start: number): number {
  let depth = 0
  for (let at = start; at < characters.length; at++) {
    const character = characters[at]
    if (character === '\\') at++
    else if (character === '[') at = endOfClass(characters, at)
    else if (character === '(') depth++
    else if (character === ')' && --depth === 0) return at
  }
  return characters.length
}

/** A brace that begins no repetition is a character like others. */
function isRepetition(characters: readonly string[], at: number): boolean {
  return characters[at] === '{' && /^\{\d+(?:,\d*)?\}/.test(characters.slice(at, at + 20).join(''))
}

function indexAfter(characters: readonly string[], wanted: string, start: number): number {
  const at = characters.indexOf(wanted, start)
  return at < 0 ? characters.length : at
}
