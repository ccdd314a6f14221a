// The other side of the connection `model`: an HTTPS server with the chat API, whose answers a test decides.

import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { certificate } from './smtp/smtp-sink.ts'

export interface ChatRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly model: string
  readonly messages: readonly {
    readonly role: string
    readonly content: string
    readonly tool_calls?: readonly unknown[]
  }[]
  readonly tools?: readonly { readonly function: { readonly name: string } }[]
  readonly input?: readonly string[]
}

/** The answer of the model: a text, calls of tools, or a status with which the server refuses. */
export type Reply =
  | string
  | { readonly calls: readonly (readonly [name: string, given: object])[] }
  | { readonly status: number; readonly retryAfter?: string }
  | { readonly body: object }

export class ModelServer {
  readonly received: ChatRequest[] = []
  reply: (request: ChatRequest) => Reply | Promise<Reply> = () => 'done'
  readonly #server: Server
  #calls = 0

  constructor() {
    const key = readFileSync(join(import.meta.dirname, 'smtp', 'key.pem'))
    this.#server = createServer({ cert: certificate, key }, (request, response) => {
      let text = ''
      request.setEncoding('utf8').on('data', (part: string) => (text += part))
      request.on('end', () => {
        const { url: path = '', headers } = request
        const asked: ChatRequest = { path, headers, ...(JSON.parse(text) as Omit<ChatRequest, 'path' | 'headers'>) }
        this.received.push(asked)
        void this.#serve(asked, response)
      })
    })
  }

  /** Returns the base address. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `https://localhost:${(this.#server.address() as AddressInfo).port}/v1`
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  async #serve(asked: ChatRequest, response: ServerResponse): Promise<void> {
    const { status, body, retryAfter } = this.#answer(await this.reply(asked))
    const headers = {
      'content-type': 'application/json',
      ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
    }
    response.writeHead(status, headers).end(JSON.stringify(body))
  }

  #answer(reply: Reply): { readonly status: number; readonly body: object; readonly retryAfter?: string | undefined } {
    if (typeof reply === 'object' && 'status' in reply)
      return { status: reply.status, body: { error: { message: 'not now' } }, retryAfter: reply.retryAfter }
    if (typeof reply === 'object' && 'body' in reply) return { status: 200, body: reply.body }
    const calls = typeof reply === 'string' ? [] : reply.calls
    const message = {
      role: 'assistant',
      content: typeof reply === 'string' ? reply : null,
      ...(calls.length === 0
        ? {}
        : {
            tool_calls: calls.map(([name, given]) => ({
              id: `call_${++this.#calls}`,
              type: 'function',
              function: { name, arguments: JSON.stringify(given) },
            })),
          }),
    }
    const usage = { prompt_tokens: 900, completion_tokens: 100, total_tokens: 1_000 }
    return {
      status: 200,
      body: { id: 'chatcmpl-1', object: 'chat.completion', choices: [{ index: 0, message }], usage },
    }
  }
}
