// The JSON Schemas of a Noun, as plain objects that client generators turn into one class each: the entity, a part of it,
// a page of entities, and the inputs of writes. Decision 0042 says why they overlap nowhere.

import { type NounSchema, type ReverseField, storedFields } from 'digital-objects'
import { type Json, nounKey, pageEnd, refNoun } from './components.ts'
import { cutLists, entityMeta } from './common-schemas.ts'
import { outputSchema, reverseSchema } from './field-schema.ts'
import { inputSchemas } from './input-schemas.ts'

const pageEntitiesMax = 100

/** Returns the schemas of the entity, its `Partial`, its `Page` and so on, by `nounKey`. `names` are the Nouns that the document describes. */
export function nounSchemas(noun: NounSchema, names: ReadonlySet<string>): Json {
  const { name, about = `An entity of type ${noun.name}.` } = noun
  const stored = storedFields(noun)
  const reverses = Object.values(noun.fields).filter(
    (field): field is ReverseField => field.kind === 'reverse' && names.has(field.from),
  )
  const meta = entityMeta(noun)
  const [named, hidden] = splitMeta(noun, meta)
  const entity = {
    properties: {
      ...named,
      $more: cutLists,
      ...Object.fromEntries(stored.map((field) => [field.name, outputSchema(field, names)])),
      ...Object.fromEntries(reverses.map((field) => [field.name, reverseSchema(field)])),
    },
    ...hidden,
  }
  const required = stored.filter((field) => field.required).map((field) => field.name)
  return {
    [nounKey(name)]: { type: 'object', description: about, required: [...Object.keys(named), ...required], ...entity },
    [nounKey(name, 'Partial')]: {
      type: 'object',
      description: `The part of a ${name} that the parameter \`fields\` asks for.`,
      required: ['$type', '$id'].filter((meta) => Object.hasOwn(named, meta)),
      ...entity,
    },
    [nounKey(name, 'Page')]: pageSchema(name),
    ...inputSchemas(noun),
  }
}

/** The entity, or a part of it if the request has `fields`. The entity comes first: generated parsers try it first. */
export function readSchema(noun: string): Json {
  return { anyOf: [refNoun(noun), refNoun(noun, 'Partial')] }
}

/**
 * A generator for a language without `$` in names writes `$type` and `type` as one name, and refuses the class. A meta-field
 * with the name of a field is therefore described by a pattern, which generators read as an additional property.
 */
function splitMeta({ fields }: NounSchema, meta: Readonly<Record<string, Json>>): readonly [Json, Json] {
  const isTaken = ([name]: readonly [string, Json]): boolean => Object.hasOwn(fields, name.slice(1))
  const named = Object.entries(meta).filter((entry) => !isTaken(entry))
  const taken = Object.entries(meta).filter(isTaken)
  if (taken.length === 0) return [meta, {}]
  const patterns = taken.map(([name, schema]) => [`^[$]${name.slice(1)}$`, schema])
  return [Object.fromEntries(named), { patternProperties: Object.fromEntries(patterns) }]
}

function pageSchema(name: string): Json {
  return {
    type: 'object',
    description: `One page of a list of ${name} entities.`,
    required: ['results', 'total', 'hasMore', 'cursor'],
    properties: {
      results: {
        type: 'array',
        maxItems: pageEntitiesMax,
        items: readSchema(name),
        description: 'Entities of the page, in the requested order.',
      },
      total: {
        type: ['integer', 'null'],
        minimum: 0,
        description:
          'Number of entities in the whole list. Null if the list has more than one page and a condition, unless count=exact is given.',
      },
      ...pageEnd,
    },
  }
}
