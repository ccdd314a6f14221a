// Starts the server that ships for a test file, and calls it.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { type Server, startServer } from '../src/embedded/launcher.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // Each test defines the shape it expects by its comparison.
  readonly body: Readonly<Record<string, unknown>>
}

export interface SharedServer {
  readonly url: () => string
  /** Returns a tenant for this test only. */
  readonly tenant: () => string
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
}

export interface TestServer extends SharedServer {
  readonly server: () => Server
  readonly dataFolder: string
}

let tenants = 0

/** `flush` overrides the default flush settings; `start` starts another server than the one that ships. */
export function useServer(
  options: { readonly flush?: object; readonly start?: (dataFolder: string) => Promise<Server> } = {},
): TestServer {
  const folder = mkdtempSync(join(tmpdir(), 'headlessly-test-'))
  let server: Server
  beforeAll(async () => {
    const flush = options.flush === undefined ? {} : { flush: JSON.stringify(options.flush) }
    server = await (options.start?.(folder) ?? startServer({ dataFolder: folder, port: 0, ...flush }))
  })
  afterAll(async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  return { ...callsOf(() => server.url), server: () => server, dataFolder: folder }
}

let shared: Promise<Server> | undefined

/**
 * Uses one server for all files that a test process runs one after another: starting one, and warming its code up, takes longer
 * than many of them. For tests that have tenants of their own and ask nothing about the server itself. It ends with the process.
 */
export function useSharedServer(): SharedServer {
  let url: string
  beforeAll(async () => {
    shared ??= startServer({ dataFolder: mkdtempSync(join(tmpdir(), 'headlessly-test-')), port: 0 })
    url = (await shared).url
  })
  return callsOf(() => url)
}

function callsOf(url: () => string): SharedServer {
  return {
    url,
    tenant: () => `t${++tenants}-${Date.now().toString(36)}`,
    call: async (method, path, body, headers = {}) => {
      const isText = typeof body === 'string'
      const answer = await fetch(url() + path, {
        method,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
      })
      const text = await answer.text()
      return {
        status: answer.status,
        headers: answer.headers,
        body: text === '' ? {} : (JSON.parse(text) as Answer['body']),
      }
    },
  }
}
