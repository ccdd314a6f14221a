import { createExecutionContext, env as testEnv } from 'cloudflare:test'
import { operationPaths } from 'objects.do'
import { describe, expect, test } from 'vitest'
import { type App, makeApp } from './app.ts'
import { type BindingName, bindings } from './base/bindings.ts'
import { services } from './base/services.ts'

const headers = { 'content-type': 'application/json' }
/** Without what runs code. */
const { TENANTS, REGISTRY } = testEnv
const ask = async (app: App, path: string, init?: RequestInit): Promise<Response> =>
  app.fetch(new Request(`http://localhost${path}`, init), { TENANTS, REGISTRY }, createExecutionContext())
const run = (app: App): Promise<Response> =>
  ask(app, '/~acme/do', { method: 'POST', headers, body: '{"code":"() => 1"}' })

describe('the services of this server', () => {
  test('bind only what the list of bindings names', () => {
    const names = new Set<BindingName>(services.flatMap((service) => service.bindings ?? []))
    for (const name of names) expect(Object.keys(bindings)).toContain(name)
  })

  test('have no route that the tenant has already', () => {
    const segments = (path: string): string => path.replaceAll(/\{\w+\}/g, '{}')
    const taken = [...operationPaths, '/rpc', '/lake', '/events'].map(segments)
    const places = services.flatMap((service) => (service.routes ?? []).map(({ path }) => segments(path)))
    for (const place of places) expect(taken).not.toContain(place)
    const routes = services.flatMap((service) => (service.routes ?? []).map(({ path, method }) => `${method} ${path}`))
    expect(new Set(routes).size).toBe(routes.length)
  })

  test('answer by their routes, and refuse other methods there', async () => {
    const app = makeApp(services)
    const answered = await run(app)
    expect(answered.status).toBe(501)
    expect(await answered.json()).toMatchObject({ code: 'not_configured', field: 'LOADER' })
    const refused = await ask(app, '/~acme/do', { method: 'GET' })
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'POST'])
  })

  test('leave no route behind when they are removed, and the rest works', async () => {
    const app = makeApp([])
    const answered = await run(app)
    expect(answered.status).toBe(404)
    expect((await ask(app, '/health')).status).toBe(200)
  })
})
