// Runs Schemathesis, a Python program that generates requests from an OpenAPI document, against a tenant that has an entity
// of each type.

import { type Run, runProgram } from '../run-program.ts'

/** A verification of all data may take long on a busy machine. */
const patience = ['--request-timeout', '120', '--max-response-time', '120'] as const

/** Streams, and routes of files and of other systems, whose bodies no schema describes. */
const undescribed =
  '/live$|^/(archive|bank|export|files|hooks|import|imports|incoming|ingest|invitations|ledger|llms[.]txt|mail|payments|semantic|ticket|webhooks)(/|$)'

export async function runSchemathesis(
  program: string,
  { tenantUrl, args }: { readonly tenantUrl: string; readonly args: readonly string[] },
): Promise<Run> {
  const ids = await createOneOfEach(tenantUrl)
  const [command = 'run', ...others] = args
  // Schemathesis reads at most 1 MiB of an answer, and the document is larger.
  const own = [
    '--url',
    tenantUrl,
    '--checks',
    'all',
    '--exclude-path',
    '/openapi',
    '--exclude-path-regex',
    undescribed,
    ...patience,
    '--no-color',
  ]
  return runProgram(
    program,
    ['--config-file', 'schemathesis.toml', command, `${tenantUrl}/openapi`, ...own, ...others],
    {
      cwd: import.meta.dirname,
      env: { ...process.env, SCHEMATHESIS_HOOKS: 'hooks', PYTHONPATH: import.meta.dirname, KNOWN_IDS: ids.join(' ') },
    },
  )
}

interface DescribedNoun {
  readonly name: string
  readonly fields: readonly DescribedField[]
  readonly verbs: readonly { readonly verb: string }[]
}

type DescribedField =
  | { readonly kind: 'reverse' }
  | {
      readonly kind: 'data' | 'enum' | 'reference'
      readonly name: string
      readonly many: boolean
      readonly required: boolean
      readonly type?: string
      readonly min?: number
      readonly sum?: string
      readonly values?: readonly string[]
      readonly to?: readonly string[]
    }
type StoredField = Exclude<DescribedField, { readonly kind: 'reverse' }>

/** Returns the ids. A Noun whose references are not there yet waits for a later pass. */
async function createOneOfEach(tenantUrl: string): Promise<readonly string[]> {
  const described = (await (await fetch(`${tenantUrl}/schema`)).json()) as Readonly<Record<string, DescribedNoun>>
  const ids = new Map<string, string>()
  const creatable = Object.values(described).filter(({ verbs }) => verbs.some(({ verb }) => verb === 'create'))
  const waiting = new Map(creatable.map((noun) => [noun.name, noun]))
  for (let pass = 0; pass < 5 && waiting.size > 0; pass++) {
    for (const [name, noun] of waiting) {
      const body = requiredFields(noun, ids)
      if (body === undefined) continue
      const answer = await fetch(`${tenantUrl}/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      const text = await answer.text()
      // Only the server creates it.
      if (answer.status === 403) {
        waiting.delete(name)
        continue
      }
      const { $id } = JSON.parse(text) as { readonly $id?: string }
      if ($id === undefined) throw new Error(`${name} was refused: ${JSON.stringify(body)}, ${text}`)
      ids.set(name, $id)
      waiting.delete(name)
    }
  }
  return [...ids.values()]
}

/** Undefined if a required reference has no entity yet. */
function requiredFields({ fields }: DescribedNoun, ids: ReadonlyMap<string, string>): object | undefined {
  const required = fields.filter(
    // The server computes sums.
    (field): field is StoredField => field.kind !== 'reverse' && field.required && field.sum === undefined,
  )
  const entries = required.map((field) => [field.name, valueOf(field, ids)] as const)
  return entries.every(([, value]) => value !== undefined) ? Object.fromEntries(entries) : undefined
}

function valueOf(field: StoredField, ids: ReadonlyMap<string, string>): unknown {
  const value = oneValueOf(field, ids)
  return field.many && value !== undefined ? [value] : value
}

function oneValueOf(
  { name, kind, type = '', min = 1, values = [], to = [] }: StoredField,
  ids: ReadonlyMap<string, string>,
): unknown {
  if (kind === 'enum') return values[0]
  if (kind === 'reference') return to.map((name) => ids.get(name)).find((id) => id !== undefined)
  // Stored functions are checked.
  if (name === 'source' && type === 'string') return '() => 1'
  // The patterns of a webhook, too.
  if (name === 'events' && type === 'string') return 'Deal.*'
  const samples: Readonly<Record<string, unknown>> = {
    boolean: true,
    datetime: '2026-01-15T10:00:00Z',
    date: '2026-01-15',
    email: 'ada@example.com',
    url: 'https://example.com',
    currency: 'USD',
    id: [...ids.values()][0],
    json: {},
  }
  return ['number', 'integer', 'money'].includes(type) ? min : (samples[type] ?? 'sample')
}
