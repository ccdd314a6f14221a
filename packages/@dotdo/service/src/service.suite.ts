// The test suite of every service. A service's own tests call it with the service as the Worker composes it.

import fc from 'fast-check'
import { defaultSettings, isObject, ObjectError, objectErrorCodes } from 'digital-objects'
import { describe, expect, test } from 'vitest'
import { composeHooks } from './compose-services.ts'
import type { ServiceProgram } from './program.ts'
import type { ObjectParts, Service, ServiceAnswer, ServiceRequest, ServiceRoute } from './service.ts'

const sentence = /^[A-Z].*\.$/s

/** `outcome` is `undefined` if anything but an ObjectError was thrown: a bug of the service. */
async function outcomeOf(answering: () => Promise<ServiceAnswer>): Promise<string | undefined> {
  try {
    const answer = await answering()
    if (!answer.ok) return answer.error.code
    if (answer.file !== undefined) return 'ok'
    return answer.body === '' || isObject(JSON.parse(answer.body)) ? 'ok' : undefined
  } catch (error) {
    return error instanceof ObjectError ? error.code : undefined
  }
}

export function testService<Bindings extends object>(service: Service<Bindings>): void {
  const { name, about, nouns = [], connections = [], bindings = [], routes = [] } = service

  describe(`the service ${name}`, () => {
    test('has a name and a description', () => {
      expect(name).toMatch(/^[a-z]+\.do$/)
      expect(about).toMatch(sentence)
    })

    test('describes each Noun, field and verb that it brings', () => {
      for (const noun of nouns) {
        expect(Object.isFrozen(noun)).toBe(true)
        expect(noun.about).toMatch(sentence)
        const custom = Object.values(noun.verbs).filter(({ category }) => category === 'custom')
        for (const part of [...Object.values(noun.fields), ...custom])
          expect(part.description, `${noun.name}.${part.name}`).toMatch(sentence)
      }
    })

    test('has distinct routes that begin with a lower-case word, with a description', () => {
      for (const route of routes) {
        expect(route.path).toMatch(/^\/[a-z]+(\/([a-z]+|\{[a-z]+\}))*$/)
        expect(route.about).toMatch(sentence)
      }
      const places = routes.map(({ method, path }) => `${method} ${path}`)
      expect(new Set(places).size).toBe(places.length)
    })

    test('names each binding once, in the format of binding names', () => {
      expect(new Set(bindings).size).toBe(bindings.length)
      for (const binding of bindings) expect(binding).toMatch(/^[A-Z][A-Z_]*$/)
    })

    test('names connections in lower case', () => {
      for (const connection of connections) expect(connection).toMatch(/^[a-z][a-z0-9-]*$/)
    })

    test('can be composed with other services, but not with itself', () => {
      expect(() => composeHooks([service], { parts, env: {} })).not.toThrow()
      expect(() => composeHooks([service, service], { parts, env: {} })).toThrow(name)
    })

    test.each(routes)('answers $method $path without bindings, with a known code', async (route) => {
      const outcome = await outcomeOf(() => route.answer(requestWith('{}')))
      expect([...objectErrorCodes, 'ok']).toContain(outcome)
      expect(outcome).not.toBe('internal_error')
    })

    test.each(routes)('answers $method $path with an ObjectError for any wrong body', (route) => refusesAnyBody(route))
  })
}

const parts: ObjectParts = {
  tenant: () => 'acme',
  restored: () => '',
  context: () => 'http://localhost/~acme',
  approval: () => undefined,
  answerReads: () => Promise.resolve([]),
  openProgram: emptyProgram,
  causesOf: () => 0,
  waiting: () => 0,
  replay: () => {},
  answerAs: () => Promise.reject(new Error('nothing asks at start')),
  mayDoEverything: () => false,
  hasten: () => {},
  owe: () => {},
  oweEvent: () => {},
  lookup: () => undefined,
  write: () => Promise.reject(new Error('nothing writes at start')),
  answer: () => Promise.reject(new Error('nothing asks at start')),
  actAs: () => ({
    mayAct: false,
    answer: () => Promise.reject(new Error('nothing asks at start')),
    spend: () => {},
    requireBudget: () => {},
    hasReadStrangers: () => false,
  }),
  background: () => {},
  read: () => undefined,
  idsWith: () => [],
  earliest: () => [],
  stampOf: () => '',
  commitStart: () => undefined,
  nouns: () => [],
  roles: () => ({}),
  audit: () => {},
  secret: () => Promise.resolve(undefined),
  settings: () => defaultSettings,
  connect: () => {
    throw new Error('nothing connects at start')
  },
  nowMs: () => 0,
  files: () => undefined,
  values: () => undefined,
  vectors: () => undefined,
  rank: () => Promise.resolve({ next: () => [] }),
  keysChanged: () => {},
}

function refusesAnyBody<Bindings extends object>(route: ServiceRoute<Bindings>): Promise<void> {
  const bodies = fc.oneof(fc.string(), fc.json(), fc.constant(''))
  return fc.assert(
    fc.asyncProperty(bodies, async (body) => {
      expect([...objectErrorCodes, 'ok']).toContain(await outcomeOf(() => route.answer(requestWith(body))))
    }),
  )
}

function emptyProgram(): ServiceProgram {
  return {
    answerMessage: () => Promise.resolve([]),
    ended: new Promise(() => {}),
    commit: (_, answer) => Promise.resolve({ kind: 'done', result: { answer, bookmark: undefined } }),
    rehearse: () => Promise.resolve({ kind: 'done', result: { body: '{"events":[],"plan":null}' } }),
    close: () => {},
  }
}

function requestWith<Bindings extends object>(body: string): ServiceRequest<Bindings> {
  return {
    tenant: 'acme',
    context: 'http://localhost/~acme',
    bindings: {},
    parameters: { name: 'score' },
    body: () => Promise.resolve(body),
    async *bytes() {
      yield new TextEncoder().encode(body)
    },
    rawBody: () => Promise.resolve(new Uint8Array(new TextEncoder().encode(body))),
    command: () => Promise.reject(new ObjectError({ code: 'not_found', message: 'it is empty' })),
    files: undefined,
    header: () => undefined,
    waitUntil: () => {},
    answerMessage: () => Promise.resolve(['{"ok":false,"problem":{"code":"not_found","detail":"it is empty"}}\n']),
    openProgram: emptyProgram,
    findRun: () => Promise.resolve({ bookmark: 'a.0' }),
    describeError: () => ({ status: 500 }),
  }
}
