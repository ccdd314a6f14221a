// The OpenAPI document contains exactly the operations that exist. A test of the shipped server shows that it is valid.

import { describeSchema, describeVerb, Noun, nouns } from 'digital-objects'
import { expect, test } from 'vitest'
import { operations } from '../calls/operations.ts'
import { describeTenant } from './describe-tenant.ts'
import { securityOf, securitySchemes } from './security.ts'

interface Parameter {
  readonly name: string
  readonly schema: { readonly pattern?: string }
}

interface Document {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly operationId?: string; summary?: string; description?: string }>>>
  >
  readonly components: {
    readonly parameters: Readonly<Record<string, object>>
    readonly responses: Readonly<Record<string, { readonly headers: object }>>
  }
}

const schemas = Object.values(nouns).map((noun) => noun.$schema)
const document = describeTenant({ operations, nouns: schemas, tenantUrl: 'http://localhost:8787/~acme' }) as unknown
const { paths, components } = document as Document

test('every route of every operation is in the document', () => {
  for (const { path, methods } of operations.flatMap(({ routes }) => routes)) {
    const [method = ''] = methods
    // Contact has every operation but those of roles.
    const noun = path.endsWith('/members') ? 'Segment' : path.endsWith('/analysis') ? 'Funnel' : 'Contact'
    const verb = path === '/{Noun}/{verb}' ? 'capture' : 'qualify'
    const expected = path.replace('{Noun}', noun).replace('{verb}', verb)
    expect(paths[expected]?.[method.toLowerCase()], `${method} ${path}`).toBeDefined()
  }
})

test('every custom verb that callers may use has a path, and operation ids are distinct', () => {
  for (const schema of schemas) {
    for (const { name, category, effect } of Object.values(schema.verbs)) {
      if (category !== 'custom') continue
      const isDescribed = paths[`/${schema.name}/{id}/${name}`]?.['post'] !== undefined
      expect(isDescribed, `${schema.name}.${name}`).toBe(effect.systemOnly !== true)
    }
  }
  const ids = Object.values(paths).flatMap((path) =>
    Object.values(path).flatMap(({ operationId }) => operationId ?? []),
  )
  expect(new Set(ids).size).toBe(ids.length)
})

test('a verb that the definition disables has no operation', () => {
  expect(paths['/Event/{id}']?.['patch']).toBeUndefined()
  expect(paths['/Event/{id}']?.['delete']).toBeUndefined()
  expect(paths['/Contact/{id}']?.['patch']).toBeDefined()
})

test('a Noun that is not built in describes itself', () => {
  const { $schema } = Noun('Robot', { name: 'string!', mood: 'Calm | Angry', calm: 'Calmed' })
  const own = describeTenant({ operations, nouns: [$schema], tenantUrl: 'http://localhost/~t' }) as unknown as Document
  expect(own.paths['/Robot/{id}/calm']?.['post']?.summary).toBe('calm a Robot: emits Robot.Calmed')
})

test('no summary contains a placeholder, and every parameter has a description', () => {
  const summaries = Object.values(paths).flatMap((path) => Object.values(path).flatMap(({ summary }) => summary ?? []))
  expect(summaries.filter((summary) => /[{}]/.test(summary))).toEqual([])
  for (const [name, parameter] of Object.entries(components.parameters))
    expect(parameter, name).toMatchObject({ description: expect.any(String) })
})

test('the parameters of a list name the fields of its Noun, and each field filters', () => {
  const find = paths['/Deal']?.['get'] as unknown as { readonly parameters: readonly { readonly $ref: string }[] }
  const described = find.parameters.map(({ $ref }) => components.parameters[$ref.split('/').at(-1) ?? ''] as Parameter)
  const byName = new Map(described.map((parameter) => [parameter.name, parameter.schema]))
  const matches = (name: string, text: string): boolean => new RegExp(byName.get(name)?.pattern ?? '(?!)').test(text)
  expect(byName.get('stage')).toMatchObject({ enum: expect.arrayContaining(['Proposal']) as unknown })
  expect(byName.get('value')).toMatchObject({ type: 'number' })
  expect(byName.has('metadata')).toBe(false)
  expect([matches('sort', '-value,$createdAt'), matches('sort', 'price'), matches('sort', '')]).toEqual([
    true,
    false,
    false,
  ])
  expect([matches('include', 'contact'), matches('include', 'contact,name')]).toEqual([true, false])
  expect([matches('fields', '$id,name,contact'), matches('fields', 'none')]).toEqual([true, false])
  const names = [...byName.keys()]
  expect(new Set(names).size).toBe(names.length)
})

test('a caller may prove itself in three ways, and on the own machine in none', () => {
  expect(Object.keys(securitySchemes('http://localhost:8787/~acme'))).toEqual(['key', 'apiKey', 'oauth'])
  const proofs = [{ key: [] }, { apiKey: [] }, { oauth: ['read', 'write'] }]
  for (const own of ['http://localhost:1/~acme', 'http://crm.localhost/~acme', 'http://127.0.0.1:8787/~acme'])
    expect(securityOf(own)).toEqual([{}, ...proofs])
  expect(securityOf('https://headless.example/~acme')).toEqual(proofs)
})

test('answers have their headers, and a new entity its Location', () => {
  const create = paths['/Contact']?.['post'] as unknown as { readonly responses: Record<string, { $ref: string }> }
  expect(Object.keys(create.responses)).toEqual(['200', '201', '401', '403', '4XX', '5XX'])
  expect(create.responses['201']).toEqual({ $ref: '#/components/responses/Contact.created.response' })
  const created = components.responses['Contact.created.response']?.headers
  expect(created).toHaveProperty('Location')
  expect(created).toHaveProperty('X-Headlessly-Changed')
  expect(paths['/lake']?.['get']).toBeDefined()
})

test('every verb of every entity has its description, and every operation has a summary', () => {
  for (const { name, verbs, disabled } of schemas.map(describeSchema)) {
    const crud = { create: ['', 'post'], update: ['/{id}', 'patch'], delete: ['/{id}', 'delete'] } as const
    for (const verb of ['create', 'update', 'delete'] as const) {
      const [path, method] = crud[verb]
      if (!disabled.includes(verb))
        expect(paths[`/${name}${path}`]?.[method]?.description).toBe(verbs[verb]?.description)
    }
    for (const verb of Object.values(verbs))
      if (verb.category === 'custom' && verb.effect.systemOnly !== true)
        expect(paths[`/${name}/{id}/${verb.name}`]?.['post']?.description).toBe(describeVerb(verb))
  }
  expect(paths['/Contact/capture']?.['post']?.description).toMatch(/^Stores the fields you send and sets capturedAt/)
  for (const [path, item] of Object.entries(paths))
    for (const [method, operation] of Object.entries(item))
      if (method !== 'parameters') {
        expect(operation.operationId, `${method} ${path}`).toMatch(/^[A-Za-z.]+$/)
        expect(operation.summary, `${method} ${path}`).toMatch(/^\S.+\S$/)
        expect(operation.description, `${method} ${path}`).toMatch(/^[A-Z].+\.$/)
      }
})

test('members and analyses are operations of the roles that have them alone', () => {
  const having = (read: string) =>
    schemas.flatMap(({ name }) => (paths[`/${name}/{id}/${read}`] === undefined ? [] : [name]))
  expect(having('members')).toEqual(['Segment'])
  expect(having('analysis').toSorted()).toEqual(['Experiment', 'Funnel', 'Goal'])
})
