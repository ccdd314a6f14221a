// The type that a tool's caller means: `deals`, `Deal` and `deal` name one Noun, and an id begins with its Noun's prefix.

import { builtInWith } from 'objects.do'
import { isPlainObject, type NounSchema } from 'digital-objects'
import { services } from '../base/services.ts'
import type { AskTenant } from './tenant-requests.ts'
import { ToolError } from './tool-answer.ts'

const builtIn: readonly NounSchema[] = builtInWith(services)
const builtInByWord = new Map(builtIn.flatMap(({ name }) => wordsOf(name).map((word) => [word, name])))
const builtInByPrefix = new Map(builtIn.map(({ idPrefix, name }) => [idPrefix, name]))

/** Returns the name as it is if the tenant has no such type, so that the tenant refuses it. */
export async function typeNamed(ask: AskTenant, word: string): Promise<string> {
  const known = builtInByWord.get(word.toLowerCase())
  if (known !== undefined) return known
  const own = (await ownTypes(ask)).find(({ name }) => wordsOf(name).includes(word.toLowerCase()))
  return own?.name ?? word
}

/** Throws a ToolError if no type has the id's prefix. */
export async function typeOfId(ask: AskTenant, id: string): Promise<string> {
  const prefix = id.slice(0, id.lastIndexOf('_'))
  const known = builtInByPrefix.get(prefix) ?? (await ownTypes(ask)).find(({ idPrefix }) => idPrefix === prefix)?.name
  if (known !== undefined) return known
  throw new ToolError(
    `'${id.slice(0, 64)}' is no id: an id begins with its type, such as contact_…. search finds entities and their ids.`,
  )
}

async function ownTypes(ask: AskTenant): Promise<readonly { readonly name: string; readonly idPrefix: string }[]> {
  const { isOk, body } = await ask({ path: ['schema'], parameters: { defined: 'true' } })
  if (!isOk) return []
  return Object.entries(body).flatMap(([name, schema]) =>
    isPlainObject(schema) && typeof schema['idPrefix'] === 'string' ? [{ name, idPrefix: schema['idPrefix'] }] : [],
  )
}

/** Lower-case singular and plural forms of a type's name. */
function wordsOf(name: string): readonly string[] {
  const word = name.toLowerCase()
  return [word, `${word}s`, `${word}es`, word.replace(/y$/, 'ies')]
}
