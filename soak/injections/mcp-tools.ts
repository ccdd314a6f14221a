// The tools of the interface for agents, called by protocol 2026-07-28 without a session.

type Json = Readonly<Record<string, unknown>>

export interface ToolReply {
  readonly isError: boolean
  readonly text: string
  readonly answer: Json
}

const prefix = 'io.modelcontextprotocol/'

export class Tools {
  readonly #address: string
  readonly #key: string | undefined

  /** `address` is that of the tenant. */
  constructor(address: string, key?: string) {
    this.#address = address
    this.#key = key
  }

  async call(name: string, given: object): Promise<ToolReply> {
    const _meta = {
      [`${prefix}protocolVersion`]: '2026-07-28',
      [`${prefix}clientInfo`]: { name: 'soak', version: '1.0.0' },
      [`${prefix}clientCapabilities`]: { elicitation: { form: {} } },
    }
    const response = await fetch(`${this.#address}/mcp`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(this.#key === undefined ? {} : { authorization: `Bearer ${this.#key}` }),
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'tools/call',
        'mcp-name': name,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: given, _meta } }),
    })
    const { result } = (await response.json()) as {
      readonly result?: {
        readonly isError?: boolean
        readonly content?: readonly { readonly text?: string }[]
        readonly structuredContent?: Json
      }
    }
    if (result === undefined) throw new Error(`the tool ${name} has no result: ${response.status}`)
    const { isError = false, content = [], structuredContent = {} } = result
    return { isError, text: content[0]?.text ?? '', answer: structuredContent }
  }
}
