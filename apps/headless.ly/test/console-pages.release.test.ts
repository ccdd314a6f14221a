// Every page of the console with a year of business in it, in both themes and on a small phone.

import { type Client, Headlessly, loadDemo } from '@headlessly/sdk'
import { expect, test } from 'vitest'
import { hasChromium, openChromium } from './chromium.ts'
import { faultsOfPage } from './look-at-page.ts'
import { useServer } from './server.ts'

const { url } = useServer()
const tenant = 'harbour'
/** A year of business is loaded first. */
const timeoutMs = 600_000

async function pathsOf(client: Client): Promise<readonly string[]> {
  const [deal] = await client.Deal.find({}, { limit: 1, strong: true })
  const numbers = ['', '/pipeline', '/product', '/support', '/marketing', '/chart'].map((part) => `/numbers${part}`)
  const operate = [
    '',
    '/members',
    '/rules',
    '/keys',
    '/webhooks',
    '/payments',
    '/jobs',
    '/lake',
    '/backup',
    '/events',
    '/audit',
    '/tenants',
  ]
  const agents = ['', '/runs', '/approvals', '/functions', '/functions?view=score', '/do'].map(
    (part) => `/agents${part}`,
  )
  const lists = ['', '?view=board', '?view=calendar', '?cols=name,value', '?group=stage&f={"value":{"$gte":10}}']
  const records = ['', '?view=history', '?view=graph'].map((view) => `/Deal/${deal?.$id}${view}`)
  return [
    '',
    '?at=2026-02-01T00:00:00Z',
    ...lists.map((view) => `/Deal${view}`),
    ...records,
    '/inbox',
    '/inbox/messages',
    ...numbers,
    ...agents,
    ...operate.map((path) => `/operate${path}`),
  ]
}

test.skipIf(!hasChromium)(
  'no page has a fault that axe finds in either theme, nor is one wider than 320 pixels',
  async () => {
    const client = Headlessly({ tenant, endpoint: url() })
    await loadDemo(client, { untilMs: Date.UTC(2026, 5, 30) })
    await client.functions.put('score', { on: 'Contact.creating', source: '(contact) => ({ leadScore: 1 })' })
    const browser = await openChromium()
    try {
      const page = await browser.newPage({ locale: 'en-GB' })
      const faults: string[] = []
      page.on('pageerror', (error) => faults.push(`${page.url()}: ${error.message}`))
      const paths = await pathsOf(client)
      for (const path of ['', ...paths.map((path) => `/${tenant}${path}`)])
        faults.push(...(await faultsOfPage(page, `${url()}/console${path}`)))
      expect(faults).toEqual([])
      expect(paths.length).toBeGreaterThan(30)
    } finally {
      await browser.close()
    }
  },
  timeoutMs,
)
