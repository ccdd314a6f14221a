// The sections of `docs/entities.md`: for each entity its sentence, its fields, relations and verbs.

import {
  describeSchema,
  describeVerb,
  domains,
  type Field,
  type JsonValue,
  type NounSchema,
  nouns,
  type ReferenceField,
  type ReverseField,
  serviceDomains,
  serviceNouns,
} from 'digital-objects'
import { markdownTable } from './markdown-table.ts'

type ValueField = Exclude<Field, ReferenceField | ReverseField>

const known = Object.values({ ...nouns, ...serviceNouns })
const schemas = new Map(known.map(({ $schema }) => [$schema.name, describeSchema($schema)]))

export function entityIndex(): string {
  const rows = Object.entries(domains).flatMap(([domain, names]) =>
    names.map((name) => [`[${name}](#${name.toLowerCase()})`, domain, schemas.get(name)?.about ?? '']),
  )
  return markdownTable(['entity', 'domain', 'is'], rows)
}

/** The index of the entities that services bring. */
export function serviceEntityIndex(): string {
  const rows = Object.entries(serviceDomains).flatMap(([domain, names]) =>
    names.map((name) => {
      const { service = '', about = '' } = schemas.get(name) ?? {}
      return [`[${name}](#${name.toLowerCase()})`, `\`${service}\``, domain, about]
    }),
  )
  return markdownTable(['entity', 'service', 'domain', 'is'], rows)
}

export function serviceEntitySections(): string {
  const members = Object.values(serviceDomains).flat()
  return members
    .flatMap((name) => schemas.get(name) ?? [])
    .map(entitySection)
    .join('\n\n')
}

export function entitySections(): string {
  const sections = Object.entries(domains).map(([domain, names]) => {
    const members = names.map((name) => schemas.get(name)).filter((schema) => schema !== undefined)
    // Entity and domain may have one name: the headings, which links refer to, must differ.
    return [`## Domain ${domain}`, ...members.map(entitySection)].join('\n\n')
  })
  return sections.join('\n\n')
}

function entitySection(schema: NounSchema): string {
  const fields = Object.values(schema.fields)
  const values = fields.filter((field) => field.kind !== 'reference' && field.kind !== 'reverse')
  const relations = fields.filter((field) => field.kind === 'reference' || field.kind === 'reverse')
  const verbs = Object.values(schema.verbs).filter(({ category }) => category === 'custom')
  return [
    `### ${schema.name}`,
    schema.about ?? '',
    ...(schema.disabled.length === 0 ? [] : [`There is no \`${schema.disabled.join('` and no `')}\`.`]),
    markdownTable(
      ['field', 'type', 'description'],
      values.map((field) => [`\`${field.name}\``, typeOf(field), field.description ?? '']),
    ),
    ...section(
      ['relation', 'to', 'description'],
      relations.map((field) => [`\`${field.name}\``, targetOf(field), field.description ?? '']),
    ),
    ...section(
      ['verb', 'event', 'description'],
      verbs.map((verb) => [`\`${verb.name}\``, `\`${schema.name}.${verb.event}\``, describeVerb(verb) ?? '']),
    ),
  ].join('\n\n')
}

function section(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : [markdownTable(heads, rows)]
}

function typeOf(field: ValueField): string {
  const type =
    field.kind === 'enum' ? field.values.map((value) => `\`${value}\``).join(', ') : `${field.type}${rangeOf(field)}`
  const marks = [
    ...(field.required ? ['required'] : []),
    ...(field.unique ? ['unique'] : field.indexed ? ['indexed'] : []),
    ...(field.personal ? ['personal'] : []),
    ...(field.default === undefined ? [] : [`\`= ${textOf(field.default)}\``]),
  ]
  return [field.many ? `list of ${type}` : type, ...marks].join(field.kind === 'enum' ? '; ' : ', ')
}

function rangeOf({ min, max }: { readonly min?: number; readonly max?: number }): string {
  return min === undefined && max === undefined ? '' : ` from ${min ?? 'any'} to ${max ?? 'any'}`
}

function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function targetOf(field: ReferenceField | ReverseField): string {
  if (field.kind === 'reverse') return `${field.many ? 'list of ' : ''}${field.from}, by its \`${field.by}\``
  const inverse = field.inverse === undefined ? '' : `, whose inverse is \`${field.inverse}\``
  const targets = field.any === true ? 'any entity' : field.to.join(' or ')
  return `${field.many ? 'list of ' : ''}${targets}${inverse}${field.required ? ', required' : ''}${field.personal ? ', personal' : ''}${ruleOf(field)}`
}

/** Returns the deletion rule, unless the reference is cleared, as most are. */
function ruleOf({ onDelete }: ReferenceField): string {
  const texts = {
    restrict: 'restricts its deletion',
    cascade: 'is deleted with it',
    keep: 'keeps a deleted one',
    clear: 'is cleared otherwise',
  }
  if (onDelete === 'clear') return ''
  if (typeof onDelete === 'string') return `; ${texts[onDelete]}`
  const { restrictWhile, otherwise } = onDelete
  return `; ${texts.restrict} while \`${restrictWhile.field}\` is ${restrictWhile.values.join(', ')}, and ${texts[otherwise]}`
}
