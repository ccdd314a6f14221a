// The text of `docs/entities.md`, made from the Nouns: for each entity its sentence, its fields, relations and verbs.

import {
  describeSchema,
  domains,
  type Field,
  type JsonValue,
  type NounSchema,
  nouns,
  type ReferenceField,
  type ReverseField,
} from 'digital-objects'

type ValueField = Exclude<Field, ReferenceField | ReverseField>

const introduction = `# The 35 entities

\`npm run docs:entities\` makes this page from the Nouns in \`packages/digital-objects/src/nouns/\`.

Every entity also has the read-only meta-fields \`$type\`, \`$id\`, \`$context\`, \`$version\`, \`$createdAt\`, \`$createdBy\` and \`$updatedAt\`. Every verb stores the fields that are sent with it and records its event; the tables say what else it changes. \`create\`, \`update\` and \`delete\` exist for each entity unless its section says otherwise.

In the type column, **required** means that a creation must bring the field, **unique** that no two live entities of the tenant share a value, **indexed** that filters on the field use an index (as they do for unique fields and relations), **personal** that erasing a person erases the value, and \`= Lead\` that a creation without the field gets that value.`

export function entitiesPage(): string {
  const schemas = new Map(Object.values(nouns).map(({ $schema }) => [$schema.name, describeSchema($schema)]))
  const sections = Object.entries(domains).map(([domain, names]) => {
    const members = names.map((name) => schemas.get(name)).filter((schema) => schema !== undefined)
    // Entity and domain may have one name: the headings, which links refer to, must differ.
    return [`## Domain ${domain}`, ...members.map(entitySection)].join('\n\n')
  })
  return `${[introduction, index(schemas), ...sections].join('\n\n')}\n`
}

function index(schemas: ReadonlyMap<string, NounSchema>): string {
  const rows = Object.entries(domains).flatMap(([domain, names]) =>
    names.map((name) => [`[${name}](#${name.toLowerCase()})`, domain, schemas.get(name)?.about ?? '']),
  )
  return table(['entity', 'domain', 'is'], rows)
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
    table(
      ['field', 'type', 'description'],
      values.map((field) => [`\`${field.name}\``, typeOf(field), field.description ?? '']),
    ),
    ...section(
      ['relation', 'to', 'description'],
      relations.map((field) => [`\`${field.name}\``, targetOf(field), field.description ?? '']),
    ),
    ...section(
      ['verb', 'event', 'description'],
      verbs.map((verb) => [`\`${verb.name}\``, `\`${schema.name}.${verb.event}\``, verb.description ?? '']),
    ),
  ].join('\n\n')
}

function section(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : [table(heads, rows)]
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
  return [type, ...marks].join(field.kind === 'enum' ? '; ' : ', ')
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
  return `${field.to.join(' or ')}${inverse}${field.required ? ', required' : ''}`
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(heads), `|${heads.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}
