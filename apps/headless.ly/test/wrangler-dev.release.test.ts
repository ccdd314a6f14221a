// The Worker under `wrangler dev`, where miniflare simulates Cloudflare's products: a bucket in place of the folder,
// Durable Objects, the Cache API and the Worker Loader.

import { expect, test } from 'vitest'
import { testRun } from './do.suite.ts'
import { testHttpDetails } from './http-details.suite.ts'
import { testHttpErrors } from './http-errors.suite.ts'
import { testHttp } from './http.suite.ts'
import { useServer } from './server.ts'
import { startWranglerDev } from './wrangler-dev.ts'

const server = useServer({ start: startWranglerDev })
testHttp(server)
testHttpErrors(server)
testHttpDetails(server)
// Calls are slow there: the whole contract of a Worker Loader would take more than a minute.
testRun(server)

test('files in the bucket answer with the same bytes as the object', async () => {
  const t = server.tenant()
  for (let at = 0; at < 5; at++) await server.call('POST', `/~${t}/Contact`, { name: `Contact ${at}`, leadScore: at })
  expect((await server.call('POST', `/~${t}/lake/flush`)).status).toBe(200)
  const get = async (query: string): Promise<readonly [string, string | null]> => {
    const answer = await fetch(`${server.url()}/~${t}/Contact?sort=-leadScore&limit=3${query}`)
    return [await answer.text(), answer.headers.get('x-headlessly-source')]
  }
  const [strong, source] = await get('&strong=true')
  expect(source).toBe('object')
  await expect.poll(() => get(''), { timeout: 10_000 }).toEqual([strong, expect.stringMatching(/^(?:files|cache)$/)])
  expect(await get('')).toEqual([strong, 'cache'])
})

test('pages and documentation are in the same bundle', async () => {
  const t = server.tenant()
  await server.call('POST', `/~${t}/Contact`, { name: 'Ada' })
  for (const path of ['/', `/~${t}`, '/docs/readme']) {
    const answer = await fetch(server.url() + path, { headers: { accept: 'text/html' } })
    expect([path, answer.status, answer.headers.get('content-type')]).toEqual([path, 200, 'text/html; charset=utf-8'])
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'/)
    expect(await answer.text()).toContain('<h1>')
  }
  for (const path of ['/llms.txt', '/llms-full.txt', `/~${t}/llms.txt`])
    expect(await (await fetch(server.url() + path)).text()).toMatch(/^# .+\n/)
})
