// `backup`: brings all events of all tenants into their files, which a restore needs.

import { Tenants } from '@headlessly/sdk'
import type { Command } from './command.ts'
import { serverOf } from './tenants-command.ts'

const pageMax = 1_000
/** Stays below 300 s, after which Node's own fetch gives up waiting for the response headers. */
const timeoutMs = 290_000

export const backupCommand: Command = {
  name: 'backup',
  words: [],
  about: 'write all pending changes of all tenants to files; exit code 1 if some could not be',
  example: 'backup',
  flags: [],
  async run({ output, settings, signal }) {
    const server = { ...serverOf(settings), timeoutMs }
    const rows: { readonly tenant: string; readonly seq: unknown; readonly state: string }[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await Tenants(server).list({ limit: pageMax, signal, ...(cursor === '' ? {} : { cursor }) })
      for (const { name, state } of page.results) {
        if (state === 'deleting') continue
        rows.push(await flushed(name, Tenants(server).flush(name, { signal })))
        output.progress(`${rows.length} tenants`)
      }
      cursor = page.cursor
    }
    output.rows(rows, ['tenant', 'seq', 'state'])
    return rows.every(({ state }) => state === 'in files') ? 0 : 1
  },
}

/** A tenant that fails holds up no other. */
async function flushed(
  tenant: string,
  flush: Promise<{ readonly seq: number }>,
): Promise<{ readonly tenant: string; readonly seq: unknown; readonly state: string }> {
  try {
    const { seq } = await flush
    return { tenant, seq, state: 'in files' }
  } catch (error) {
    return { tenant, seq: '', state: error instanceof Error ? error.message : String(error) }
  }
}
