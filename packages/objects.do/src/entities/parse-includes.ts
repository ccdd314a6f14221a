// `include` as a tree: `deals.contact,tickets` includes the deals, in each of them its contact, and the tickets.

import {
  type Field,
  nearestName,
  type NounLookup,
  type NounSchema,
  ObjectError,
  type ReferenceField,
  type ReverseField,
} from 'digital-objects'

export type Relation = ReferenceField | ReverseField

export interface Include {
  readonly relation: Relation
  /** What the related entities include in turn, by their Noun. */
  readonly nested: ReadonlyMap<string, readonly Include[]>
}

/** Limits the relations of one path. */
const depthMax = 3
const none: readonly Include[] = []

/** Throws an ObjectError `invalid_include` that names the relation. */
export function parseIncludes(
  schema: NounSchema,
  names: readonly string[] | undefined,
  lookup: NounLookup,
): readonly Include[] {
  if (names === undefined) return none
  const paths = names.map((name) => name.split('.'))
  const deep = paths.find((path) => path.length > depthMax)
  if (deep !== undefined)
    throw invalidInclude(`include leads through at most ${depthMax} relations, got '${deep.join('.').slice(0, 100)}'`)
  return includesOf(schema, paths, lookup)
}

type Paths = readonly (readonly string[])[]

function includesOf(schema: NounSchema, paths: Paths, lookup: NounLookup): readonly Include[] {
  const firsts = [...new Set(paths.map(([first = '']) => first))]
  return firsts.map((first) => {
    const relation = findRelation(schema, first)
    const rests = paths.flatMap(([name, ...rest]) => (name === first && rest.length > 0 ? [rest] : []))
    return { relation, nested: rests.length === 0 ? new Map() : nestedOf(relation, rests, lookup) }
  })
}

/** A reference to several Nouns leads on from those that have the next relation, of which there must be one. */
function nestedOf(relation: Relation, paths: Paths, lookup: NounLookup): Include['nested'] {
  const targets = targetsOf(relation).flatMap((name) => lookup(name) ?? [])
  const isKnown = ([first = '']: readonly string[], target: NounSchema): boolean =>
    relationOf(target, first) !== undefined
  for (const path of paths) {
    const [target] = targets
    if (target !== undefined && !targets.some((one) => isKnown(path, one))) findRelation(target, path[0] ?? '')
  }
  const nested = targets.map((target) => {
    const known = paths.filter((path) => isKnown(path, target))
    return [target.name, includesOf(target, known, lookup)] as const
  })
  return new Map(nested.filter(([, includes]) => includes.length > 0))
}

function targetsOf(relation: Relation): readonly string[] {
  return relation.kind === 'reference' ? relation.to : [relation.from]
}

function findRelation(schema: NounSchema, name: string): Relation {
  const relation = relationOf(schema, name)
  if (relation !== undefined) return relation
  const relations = Object.values(schema.fields)
    .filter(isRelation)
    .map((one) => one.name)
  const nearest = nearestName(name, relations)
  const hint =
    nearest === undefined ? `its relations are ${relations.join(', ') || 'none'}` : `did you mean '${nearest}'?`
  throw invalidInclude(`${schema.name} has no relation '${name.slice(0, 64)}'; ${hint}`)
}

function relationOf({ fields }: NounSchema, name: string): Relation | undefined {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined
  return field !== undefined && isRelation(field) ? field : undefined
}

export function isRelation(field: Field): field is Relation {
  return field.kind === 'reference' || field.kind === 'reverse'
}

function invalidInclude(message: string): ObjectError {
  return new ObjectError({ code: 'invalid_include', field: 'include', message })
}
