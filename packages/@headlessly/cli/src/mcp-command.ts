// `mcp`: the interface for agents by stdin and stdout, for programs that start their servers. It passes each line on to the
// server and keeps nothing.

import { isPlainObject, tryParseJson } from 'digital-objects'
import { createInterface } from 'node:readline'
import type { Command, CommandCall } from './command.ts'
import { defaultEndpoint, requireTenant } from './settings.ts'

const lineCharactersMax = 2 ** 20
/** Requests that wait for their answers. */
const concurrentMax = 16
const timeoutMs = 60_000
/** JSON-RPC: the range for a server's own errors. */
const unreachableCode = -32_000

export const mcpCommand: Command = {
  name: 'mcp',
  words: [],
  about: 'serve agents by stdin and stdout, by the Model Context Protocol',
  example: 'mcp --tenant acme',
  flags: [],
  async run(call) {
    const { tenant } = requireTenant(call.settings)
    const address = `${call.settings.endpoint ?? defaultEndpoint}/~${tenant}/mcp`
    const pending = new Set<Promise<void>>()
    for await (const line of createInterface({ input: process.stdin, signal: call.signal })) {
      if (line.trim() === '') continue
      if (pending.size >= concurrentMax) await Promise.race(pending)
      const passed = pass(call, address, line).finally(() => pending.delete(passed))
      pending.add(passed)
    }
    await Promise.all(pending)
    return 0
  },
}

async function pass(call: CommandCall, address: string, line: string): Promise<void> {
  const message = line.length <= lineCharactersMax ? tryParseJson(line) : undefined
  const { id } = isPlainObject(message) ? message : {}
  try {
    if (message === undefined) throw new Error(`a line is JSON of at most ${lineCharactersMax} characters`)
    const response = await fetch(address, {
      method: 'POST',
      headers: headersOf(call, message),
      body: line,
      signal: AbortSignal.any([call.signal, AbortSignal.timeout(timeoutMs)]),
    })
    for (const answer of answersIn(await response.text())) call.output.line(answer)
  } catch (error) {
    // A notification has no id and gets no answer.
    if (id === undefined && message !== undefined) return
    const { message: text } = error instanceof Error ? error : { message: String(error) }
    const failed = { code: unreachableCode, message: `${address}: ${text}` }
    call.output.line(JSON.stringify({ jsonrpc: '2.0', id: id ?? null, error: failed }))
  }
}

/** The protocol's headers repeat parts of the message. */
function headersOf({ settings }: CommandCall, message: unknown): Record<string, string> {
  const { method, params } = isPlainObject(message) ? message : {}
  const { _meta: meta, name, uri } = isPlainObject(params) ? params : {}
  const version = isPlainObject(meta) ? meta['io.modelcontextprotocol/protocolVersion'] : undefined
  const named = name ?? uri
  return {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(settings.apiKey === undefined ? {} : { authorization: `Bearer ${settings.apiKey}` }),
    ...(typeof version === 'string' ? { 'mcp-protocol-version': version } : {}),
    ...(typeof version === 'string' && typeof method === 'string' ? { 'mcp-method': method } : {}),
    ...(typeof version === 'string' && typeof named === 'string' ? { 'mcp-name': named } : {}),
  }
}

/** The messages in an answer: one as JSON, or several as server-sent events. */
function answersIn(text: string): readonly string[] {
  if (text.trim() === '') return []
  if (text.startsWith('{') || text.startsWith('[')) return [JSON.stringify(JSON.parse(text))]
  return text.split('\n').flatMap((line) => (line.startsWith('data: ') ? [line.slice('data: '.length)] : []))
}
