// Names that no Noun of a tenant can have, since something else has them: tables of the tenant's database, parts of
// paths, prefixes of ids, parts of the OpenAPI document. Compared without regard to case.

const tables = [
  'Actors',
  'Alarms',
  'Clock',
  'Commits',
  'Garbage',
  'Idempotency',
  'Jobs',
  'Lake',
  'Log',
  'Meta',
  'Nouns',
  'Outbox',
  'Plans',
  'Secrets',
  'Segments',
] as const
const paths = [
  'Aggregate',
  'Batch',
  'Do',
  'Events',
  'Export',
  'Health',
  'History',
  'Import',
  'Mcp',
  'OpenApi',
  'Rpc',
  'Schema',
  'Schemas',
  'Status',
  'Undo',
] as const
const ids = ['Evt', 'Key', 'Req'] as const
const documents = ['Entity', 'EntityMeta', 'LogEvent', 'Page', 'Problem'] as const

export const reservedNounNames: readonly string[] = [
  ...new Set<string>([...tables, ...paths, ...ids, ...documents]),
].toSorted()

const reserved = new Set(reservedNounNames.map((name) => name.toLowerCase()))

/** SQLite keeps names that begin with `sqlite` for itself. */
export function isReservedNounName(name: string): boolean {
  const lower = name.toLowerCase()
  return reserved.has(lower) || lower.startsWith('sqlite')
}
