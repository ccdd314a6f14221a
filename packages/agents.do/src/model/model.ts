// A language model: what a run of an agent asks of it, in the words of the chat API that most servers speak.

export interface Model {
  /** Rejects with a ModelRefused, or another error if the model cannot be reached. */
  readonly complete: (request: ChatRequest) => Promise<Completion>
}

export interface ChatRequest {
  /** The name of the model. */
  readonly model: string
  readonly messages: readonly ChatMessage[]
  readonly tools: readonly ChatTool[]
  readonly temperature?: number
  /** Limits the answer. */
  readonly tokensMax?: number
}

export type ChatMessage =
  | { readonly role: 'system' | 'user'; readonly content: string }
  | AssistantMessage
  | { readonly role: 'tool'; readonly tool_call_id: string; readonly content: string }

export type AssistantMessage = {
  readonly role: 'assistant'
  readonly content: string
  readonly tool_calls?: readonly ToolCall[]
}

export type ToolCall = {
  readonly id: string
  readonly type: 'function'
  /** `arguments` is JSON, as the model wrote it. */
  readonly function: { readonly name: string; readonly arguments: string }
}

export interface ChatTool {
  readonly type: 'function'
  readonly function: { readonly name: string; readonly description: string; readonly parameters: object }
}

export interface Completion {
  readonly message: AssistantMessage
  readonly inputTokens: number
  readonly outputTokens: number
}

const textCharactersMax = 300

/** The refusal of a request by the model's server, or an answer that is none. */
export class ModelRefused extends Error {
  /** Whether the same request would be refused again. */
  readonly isPermanent: boolean
  /** Whether the server has refused what the request says, and would take another. */
  readonly isOfInput: boolean
  readonly retryAfterMs: number | undefined

  constructor(
    message: string,
    options: {
      readonly isPermanent: boolean
      readonly isOfInput?: boolean
      readonly retryAfterMs?: number | undefined
    },
  ) {
    super(message.replaceAll(/[^ -~]+/g, ' ').slice(0, textCharactersMax))
    this.isPermanent = options.isPermanent
    this.isOfInput = options.isOfInput === true
    this.retryAfterMs = options.retryAfterMs
  }
}

/** A server that counts no tokens is counted by this many characters for each. */
const charactersPerToken = 4

export function estimateTokens(text: string): number {
  return Math.ceil(text.length / charactersPerToken)
}
