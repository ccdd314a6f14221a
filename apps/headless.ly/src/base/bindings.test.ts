import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sandboxCompatibilityDate } from 'functions.do'
import { describe, expect, test } from 'vitest'
import { type Binding, bindings } from './bindings.ts'
import { compatibilityDate, formatWorkerdConfig } from '../embedded/workerd-config.ts'

const all = Object.entries<Binding>(bindings)

describe('the list of bindings', () => {
  test('is what wrangler.jsonc declares for Cloudflare, no more and no less', () => {
    const deployed = readJsonc(join(import.meta.dirname, '../../wrangler.jsonc'))
    const [tenants, registry, directory, hasher] = deployed.durable_objects.bindings
    const declared = {
      objects: [tenants.name],
      registry: [registry.name],
      directory: [directory.name],
      hasher: [hasher.name],
      kv: deployed.kv_namespaces.map(({ binding }) => binding),
      bucket: deployed.r2_buckets.map(({ binding }) => binding),
      loader: deployed.worker_loaders.map(({ binding }) => binding),
      version: [deployed.version_metadata.binding],
      service: [],
      assets: [deployed.assets.binding],
    }
    for (const [kind, names] of Object.entries(declared)) {
      const listed = all.filter(([, binding]) => binding.kind === kind && binding.on !== 'embedded')
      expect(names, kind).toEqual(listed.map(([name]) => name))
    }
    expect(tenants.class_name).toBe(bindings.TENANTS.className)
    expect(registry.class_name).toBe(bindings.REGISTRY.className)
    expect(directory.class_name).toBe(bindings.DIRECTORY.className)
    expect(hasher.class_name).toBe(bindings.HASHER.className)
  })

  test("is what the embedded server's configuration binds, with the variables that are set", () => {
    const config = formatWorkerdConfig({
      hashesSocketFile: '/run/hash.sock',
      thumbnailsSocketFile: '/run/thumb.sock',
      heartbeatSocketFile: '/run/beat.sock',
      objectsFolder: '/objects',
      lakeFolder: '/lake',
      consoleFolder: '/console',
      importFolder: '/imports',
      syncSocketFile: '/sync',
      sandbox: { launcher: '/do', processes: ['/do-a', '/do-b'] },
      host: '127.0.0.1',
      port: 0,
      variables: { LAKE_SECRET: 'a "secret"' },
    })
    const [line = ''] = /^ {2}bindings = .*$/m.exec(config) ?? []
    const bound = [...line.matchAll(/\(name = "(\w+)"/g)].map(([, name]) => name)
    const expected = all.filter(([, { kind, on }]) => on !== 'cloudflare' && kind !== 'setting' && kind !== 'secret')
    expect(bound).toEqual([...expected.map(([name]) => name), 'LAKE_SECRET'])
    expect(line).toContain('text = "a \\"secret\\""')
  })

  test('says of each binding what it is for', () => {
    for (const [name, { about }] of all) expect(about, name).toMatch(/^[A-Z].*\.$/)
  })
})

test('code runs under the compatibility date of the Worker that runs it', () => {
  const deployed = readFileSync(join(import.meta.dirname, '../../wrangler.jsonc'), 'utf8')
  expect(sandboxCompatibilityDate).toBe(compatibilityDate)
  expect(deployed).toContain(`"compatibility_date": "${sandboxCompatibilityDate}"`)
})

interface DeclaredObject {
  readonly name: string
  readonly class_name: string
}

interface Deployed {
  readonly durable_objects: {
    readonly bindings: readonly [DeclaredObject, DeclaredObject, DeclaredObject, DeclaredObject]
  }
  readonly assets: { readonly binding: string }
  readonly r2_buckets: readonly { readonly binding: string }[]
  readonly kv_namespaces: readonly { readonly binding: string }[]
  readonly worker_loaders: readonly { readonly binding: string }[]
  readonly version_metadata: { readonly binding: string }
}

function readJsonc(file: string): Deployed {
  const text = readFileSync(file, 'utf8').replace(/^\s*\/\/.*$/gm, '')
  return JSON.parse(text.replace(/,(\s*[}\]])/g, '$1')) as Deployed
}
