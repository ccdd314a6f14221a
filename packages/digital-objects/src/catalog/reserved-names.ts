// Names that a tenant cannot give to a Noun, because they are in use: as tables of the tenant's database, parts of paths,
// id prefixes, or schemas of the OpenAPI document. They compare without regard to case.

const tables = [
  'Actors',
  'Alarms',
  'Clock',
  'Commits',
  'Credentials',
  'Deliveries',
  'Garbage',
  'Idempotency',
  'Jobs',
  'Keys',
  'Lake',
  'Log',
  'Meta',
  'Nouns',
  'Outbox',
  'Plans',
  'Schedules',
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
  'Settings',
  'Status',
  'Undo',
] as const
const ids = ['Evt', 'Key', 'Req'] as const
const documents = ['Entity', 'EntityMeta', 'LogEvent', 'Page', 'Problem'] as const

export const reservedNounNames: readonly string[] = [
  ...new Set<string>([...tables, ...paths, ...ids, ...documents]),
].toSorted()

const reserved = new Set(reservedNounNames.map((name) => name.toLowerCase()))

/** SQLite reserves names that begin with `sqlite`. */
export function isReservedNounName(name: string): boolean {
  const lower = name.toLowerCase()
  return reserved.has(lower) || lower.startsWith('sqlite')
}
