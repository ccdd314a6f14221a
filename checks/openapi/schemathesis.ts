// Runs Schemathesis, a Python program that generates requests from an OpenAPI document, against a tenant that has an entity
// of each type.

import { spawn } from 'node:child_process'
import { type NounSchema, nouns, type StoredField } from 'digital-objects'

export interface Run {
  /** Zero if nothing was found. */
  readonly code: number
  readonly output: string
}

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
    '--request-timeout',
    '60',
    '--no-color',
  ]
  return new Promise((resolve, reject) => {
    const child = spawn(
      program,
      ['--config-file', 'schemathesis.toml', command, `${tenantUrl}/openapi`, ...own, ...others],
      {
        cwd: import.meta.dirname,
        env: { ...process.env, SCHEMATHESIS_HOOKS: 'hooks', PYTHONPATH: import.meta.dirname, KNOWN_IDS: ids.join(' ') },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    let output = ''
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-200_000)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

/** Returns the ids. A Noun whose references are not there yet waits for a later pass. */
async function createOneOfEach(tenantUrl: string): Promise<readonly string[]> {
  const ids = new Map<string, string>()
  const waiting = new Map(Object.values(nouns).map(({ $schema }) => [$schema.name, $schema]))
  for (let pass = 0; pass < 5 && waiting.size > 0; pass++) {
    for (const [name, schema] of waiting) {
      const body = requiredFields(schema, ids)
      if (body === undefined) continue
      const answer = await fetch(`${tenantUrl}/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      const { $id } = (await answer.json()) as { readonly $id?: string }
      if ($id === undefined) throw new Error(`${name} was refused with ${answer.status}: ${JSON.stringify(body)}`)
      ids.set(name, $id)
      waiting.delete(name)
    }
  }
  return [...ids.values()]
}

/** Undefined if a required reference has no entity yet. */
function requiredFields(schema: NounSchema, ids: ReadonlyMap<string, string>): object | undefined {
  const fields = Object.values(schema.fields).filter(
    (field): field is StoredField => field.kind !== 'reverse' && field.required,
  )
  const entries = fields.map((field) => [field.name, valueOf(field, ids)] as const)
  return entries.every(([, value]) => value !== undefined) ? Object.fromEntries(entries) : undefined
}

function valueOf(field: StoredField, ids: ReadonlyMap<string, string>): unknown {
  const value = oneValueOf(field, ids)
  return field.many && value !== undefined ? [value] : value
}

function oneValueOf(field: StoredField, ids: ReadonlyMap<string, string>): unknown {
  if (field.kind === 'enum') return field.values[0]
  if (field.kind === 'reference') return field.to.map((name) => ids.get(name)).find((id) => id !== undefined)
  const samples: Readonly<Record<string, unknown>> = {
    boolean: true,
    datetime: '2026-01-15T10:00:00Z',
    date: '2026-01-15',
    email: 'ada@example.com',
    url: 'https://example.com',
    id: [...ids.values()][0],
    json: {},
  }
  return ['number', 'integer', 'money'].includes(field.type) ? (field.min ?? 1) : (samples[field.type] ?? 'sample')
}
