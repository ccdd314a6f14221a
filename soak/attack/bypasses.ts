// Callers who try every known way around the rules of a business. Each has to be refused with its reason, and to change
// nothing; afterwards the books of each tenant are sound.

import type { Request } from './bypass-money.ts'
import { type Bypass, bypasses } from './bypass-table.ts'
import type { Scenario, Target } from './scenario.ts'

type Json = Readonly<Record<string, unknown>>

export const bypassedRules: Scenario = {
  name: 'bypasses',
  about: `${bypasses.length} ways around states, money, references and ranges, each in a tenant of its own`,

  async attack(target) {
    const failed: string[] = []
    for (const [at, bypass] of bypasses.entries()) {
      const wrong = await attempt(target, `bypass-${at}`, bypass)
      if (wrong !== undefined) failed.push(`${bypass.way}: ${wrong}`)
      // So many open tenants would need more memory than one that is attacked.
      await fetch(`${target.url}/tenants/bypass-${at}?confirm=bypass-${at}`, { method: 'DELETE' })
    }
    for (const line of failed) target.log(line)
    if (failed.length > 0) throw new Error(`${failed.length} ways around the rules`)
    return { refused: bypasses.length }
  },
}

/** Returns what went wrong, if anything did. */
async function attempt(
  target: Target,
  tenant: string,
  { requests, code, message }: Bypass,
): Promise<string | undefined> {
  const made = new Map<string, string>()
  const last = requests.length - 1
  for (const [at, request] of requests.entries()) {
    if (at < last) {
      const { status, body } = await send(target, tenant, { request, made })
      if (status >= 300) return `${request[1]} ${request[2]} was refused: ${JSON.stringify(body).slice(0, 300)}`
      made.set(request[0], String(body['$id']))
      continue
    }
    const before = await headOf(target, tenant)
    const { body } = await send(target, tenant, { request, made })
    if (body['code'] !== code || !String(body['detail']).includes(message))
      return `expected ${code} with '${message}', got ${JSON.stringify(body).slice(0, 300)}`
    if ((await headOf(target, tenant)) !== before) return 'the refused attempt has changed something'
  }
  if (last === 0) return undefined
  const { body } = await send(target, tenant, { request: ['', 'POST', '/lake/verify', {}], made })
  const isSound = body['isWhole'] === true && JSON.stringify(body['breaches']) === '[]'
  return isSound ? undefined : `verify says ${JSON.stringify(body).slice(0, 300)}`
}

async function send(
  { url }: Target,
  tenant: string,
  { request, made }: { readonly request: Request; readonly made: ReadonlyMap<string, string> },
): Promise<{ readonly status: number; readonly body: Json }> {
  const [, method, path, given, headers] = request
  const filled = (text: string): string =>
    text.replace(/\$([a-z])\b/g, (whole, name: string) => made.get(name) ?? whole)
  const answer = await fetch(`${url}/~${tenant}${filled(path)}`, {
    method,
    headers: { 'content-type': path === '/history' ? 'application/x-ndjson' : 'application/json', ...headers },
    ...(given === undefined ? {} : { body: filled(JSON.stringify(given)) }),
  })
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? {} : (JSON.parse(text) as Json) } // the server answers with objects
}

/** The last event, so that an attempt that changed something is seen. */
async function headOf(target: Target, tenant: string): Promise<unknown> {
  const { body } = await send(target, tenant, { request: ['', 'GET', '/events?limit=1000'], made: new Map() })
  return (body['results'] as readonly unknown[] | undefined)?.length ?? 0
}
