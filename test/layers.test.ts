// The direction of imports: each layer sees only what is listed for it, and inside a package each folder sees only the
// folders below it.

import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')

/** From the top down. `sees` lists everything that a layer's sources may import from outside the layer. */
const layers = [
  {
    folder: 'apps/console/src',
    sees: [
      '@headlessly/sdk',
      'react',
      'react-dom',
      'react-dom/client',
      '@tanstack/react-query',
      '@tanstack/react-virtual',
    ],
    without: [],
  },
  // The launcher, and beside it the program that relocates a copy of a lake, which writes Iceberg tables.
  {
    folder: 'apps/headless.ly/src/embedded',
    sees: ['workerd', '@dotdo/db', 'image-size', /^@jsquash\//, /^node:/, '../base/bindings.ts'],
    without: [],
  },
  {
    folder: 'apps/headless.ly/src',
    sees: [
      'hono',
      'capnweb',
      '@modelcontextprotocol/server',
      'modern-tar',
      'objects.do',
      'database.do',
      'events.do',
      'functions.do',
      'agents.do',
      'mail.do',
      'oauth.do',
      'oauth.do/directory',
      'payments.do',
      '@dotdo/service',
      '@dotdo/db',
      'digital-objects',
      'cloudflare:sockets',
      '#sandbox-code',
      '#docs',
      '#console',
    ],
    without: ['embedded'],
  },
  // The program inside the sandbox, which the Worker carries as a string.
  {
    folder: 'packages/functions.do/inside',
    sees: [
      '@headlessly/sdk',
      'digital-objects',
      'cloudflare:workers',
      'node:async_hooks',
      'acorn',
      '@sveltejs/acorn-typescript',
    ],
    without: [],
  },
  // Packages of the domains, which only re-export parts of the SDK.
  ...['analytics', 'billing', 'content', 'crm', 'experiments', 'marketing', 'platform', 'projects', 'support'].map(
    (domain) => ({ folder: `packages/@headlessly/${domain}/src`, sees: ['@headlessly/sdk'], without: [] }),
  ),
  // A page of somebody else loads it.
  { folder: 'packages/@headlessly/js/src', sees: [], without: [] },
  {
    folder: 'packages/@headlessly/cli/src',
    sees: ['@headlessly/sdk', 'digital-objects', 'modern-tar', /^node:/],
    without: [],
  },
  { folder: 'packages/@headlessly/sdk/src', sees: ['capnweb', 'digital-objects'], without: [] },
  {
    folder: 'packages/objects.do/src',
    sees: ['@dotdo/service', '@dotdo/do', '@dotdo/db', 'digital-objects'],
    without: [],
  },
  { folder: 'packages/agents.do/src', sees: ['@dotdo/service', 'digital-objects'], without: [] },
  {
    folder: 'packages/events.do/src',
    sees: ['@dotdo/service', 'aws4fetch', 'digital-objects', 'standardwebhooks'],
    without: [],
  },
  { folder: 'packages/mail.do/src', sees: ['@dotdo/service', 'digital-objects', 'postal-mime'], without: [] },
  { folder: 'packages/payments.do/src', sees: ['@dotdo/service', 'digital-objects', 'stripe'], without: [] },
  {
    folder: 'packages/database.do/src',
    sees: ['@dotdo/service', '@dotdo/db', 'digital-objects', 'file-type', 'node:crypto'],
    without: [],
  },
  { folder: 'packages/functions.do/src', sees: ['@dotdo/service', '@dotdo/db', 'digital-objects'], without: [] },
  {
    folder: 'packages/oauth.do/src',
    sees: [
      '@cloudflare/workers-oauth-provider',
      '@simplewebauthn/server',
      'jose',
      'oauth4webapi',
      'scimmy',
      '@dotdo/service',
      'digital-objects',
      'cloudflare:workers',
      'node:crypto',
    ],
    without: [],
  },
  { folder: 'packages/@dotdo/service/src', sees: ['@dotdo/do', 'digital-objects', 'saxes'], without: [] },
  {
    folder: 'packages/@dotdo/do/src',
    sees: ['@dotdo/db', 'digital-objects', 're2js', 'cloudflare:workers', 'node:crypto'],
    without: [],
  },
  {
    folder: 'packages/@dotdo/db/src',
    sees: [
      'digital-objects',
      'aws4fetch',
      'hyparquet',
      'hyparquet-writer',
      /^hyparquet(?:-writer)?\/src\//,
      'node:zlib',
    ],
    without: [],
  },
  { folder: 'packages/digital-objects/src', sees: [], without: [] },
] as const

/**
 * Folders inside a package, from the bottom up. A file may import from its own folder and from those before it. Files
 * directly in the package's folder compose the others, so no folder may import them.
 */
const innerFolders = [
  { folder: 'packages/payments.do/src', order: ['records', 'stripe', 'bank', 'ledger'] },
  { folder: 'apps/console/src', order: ['base', 'data', 'ui', 'shell', 'pages', 'tools'] },
  {
    folder: 'apps/headless.ly/src',
    order: ['contexts', 'base', 'embedded', 'tenants', 'identity', 'read', 'rpc', 'lake', 'mcp', 'pages', 'routes'],
  },
  {
    folder: 'packages/objects.do/src',
    order: [
      'answers',
      'openapi',
      'entities',
      'files',
      'pipeline',
      'commits',
      'metrics',
      'product',
      'reads',
      'writes',
      'history',
      'plans',
      'many',
      'batch',
      'commands',
      'calls',
      'programs',
    ],
  },
  { folder: 'packages/functions.do/src', order: ['sandbox', 'run', 'stored', 'workflows'] },
  {
    folder: 'packages/@dotdo/do/src',
    order: [
      'base',
      'turns',
      'jobs',
      'log',
      'clock',
      'identity',
      'state',
      'write',
      'requests',
      'secrets',
      'history',
      'live',
      'flush',
      'erasure',
      'restore',
      'registry',
    ],
  },
  {
    folder: 'packages/@dotdo/db/src',
    order: ['base', 'object-store', 'parquet', 'relations', 'layers', 'iceberg', 'tables', 'events', 'scan'],
  },
  {
    folder: 'packages/digital-objects/src',
    order: [
      'base',
      'time',
      'settings',
      'noun',
      'rules',
      'erasure',
      'filter',
      'aggregate',
      'verb',
      'schedule',
      'effects',
      'event',
      'wire',
      'authority',
      'catalog',
      'nouns',
      'roles',
      'metrics',
    ],
  },
  {
    folder: 'packages/@headlessly/sdk/src',
    order: ['base', 'types', 'wire', 'calls', 'pipeline', 'events', 'entities', 'batch', 'client', 'default', 'demo'],
  },
] as const

describe.each(layers)('$folder', ({ folder, sees, without }) => {
  const files = sourcesOf(join(root, folder)).filter(
    (file) => !without.some((name) => relative(join(root, folder), file).startsWith(name)),
  )

  test('imports only layers below it', () => {
    expect(files.length).toBeGreaterThan(0)
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter(
          (name) =>
            !name.startsWith('.') && !sees.some((seen) => (typeof seen === 'string' ? seen === name : seen.test(name))),
        )
        .map((name) => `${relative(root, file)} imports ${name}`),
    )
    expect(wrong).toEqual([])
  })

  test('reaches into no other folder by a relative path', () => {
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter(
          (name) =>
            name.startsWith('.') &&
            relative(join(root, folder), resolve(file, '..', name)).startsWith('..') &&
            !sees.some((seen) => seen === name),
        )
        .map((name) => `${relative(root, file)} imports ${name}`),
    )
    expect(wrong).toEqual([])
  })
})

describe.each(innerFolders)('inside $folder', ({ folder, order }) => {
  const source = join(root, folder)
  const names: readonly string[] = order
  const folderOf = (file: string): string => {
    const [first = '', ...rest] = relative(source, file).split('/')
    return rest.length === 0 ? '' : first
  }

  test('every folder has a place in the order', () => {
    const folders = new Set(sourcesOf(source).map(folderOf))
    expect([...folders].filter((name) => name !== '').toSorted()).toEqual(names.toSorted())
  })

  test('a folder imports only from the folders below it', () => {
    const wrong = sourcesOf(source).flatMap((file) => {
      const own = folderOf(file)
      return importsOf(file)
        .filter((name) => name.startsWith('.'))
        .map((name) => ({ name, to: folderOf(resolve(file, '..', name)) }))
        .filter(({ to }) => own !== '' && to !== own && !names.slice(0, names.indexOf(own)).includes(to))
        .map(({ name }) => `${relative(root, file)} imports ${name}`)
    })
    expect(wrong).toEqual([])
  })
})

test('the front door knows neither SQL nor Parquet', () => {
  // The launcher overwrites free space of databases before the Worker starts.
  const sources = sourcesOf(join(root, 'apps/headless.ly/src')).filter((file) => !file.endsWith('/overwrite-erased.ts'))
  const wrong = sources.filter((file) =>
    /\bSELECT\b|\bINSERT INTO\b|storage\.sql|parquet/i.test(readFileSync(file, 'utf8')),
  )
  expect(wrong).toEqual([])
})

test('the vocabulary depends on no package and on no platform', () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'packages/digital-objects/package.json'), 'utf8')) as {
    dependencies?: object
  }
  expect(dependencies ?? {}).toEqual({})
  const globals = /\b(?:crypto|process|Buffer|fetch|TextEncoder|TextDecoder|setTimeout|console)\s*[.(]/
  const wrong = sourcesOf(join(root, 'packages/digital-objects/src')).filter((file) =>
    globals.test(readFileSync(file, 'utf8')),
  )
  expect(wrong).toEqual([])
})

function sourcesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/\.(?:test|suite|d)\.ts$/.test(name))
    .map((name) => join(folder, name))
}

function importsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/^(?:import|export)\s(?:[^'`]*?\sfrom\s)?'([^'\n]+)'/gm)].map(
    (match) => match[1] as string,
  )
}
