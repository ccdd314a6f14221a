// A fault of ours as one line for the log. The launcher of the embedded server finds these lines among everything that
// workerd prints, and shows them on the terminal.

/** Where it happened, as far as that is known there. */
export interface ErrorPlace {
  /** The id that the client got with its answer. */
  readonly requestId?: string
  /** `GET /~acme/Contact` */
  readonly request?: string
  readonly tenant?: string
  /** `Contact.find` */
  readonly call?: string
}

const charactersMax = 2_000

/** Returns `{"internalError":{...}}` with the place, the message and the stack. */
export function formatInternalError(error: unknown, place: ErrorPlace = {}): string {
  const message = (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, charactersMax)
  const stack = error instanceof Error ? framesOf(error) : undefined
  return JSON.stringify({ internalError: { ...place, message, ...(stack === undefined ? {} : { stack }) } })
}

/** The lines of the stack without the message, which may be long. */
function framesOf({ stack }: Error): string | undefined {
  const start = stack?.search(/^ +at /m) ?? -1
  return start < 0 ? undefined : stack?.slice(start, start + charactersMax)
}
