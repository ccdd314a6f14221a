// The lines between the server and the process that runs code, over one WebSocket for each run. The server sends the
// job, the process sends messages of calls and requests to other servers, the server answers each, and the process sends the outcome.

/** `number` pairs an answer with its message. A job and an outcome are the only ones of their kind and have 0. */
export interface RunLine {
  readonly kind: 'job' | 'calls' | 'request' | 'answers' | 'outcome'
  readonly number: number
  /** JSON, except for `calls` and `request`, which are passed on unread. */
  readonly text: string
}

/** A WebSocket of workerd, or the other end of it. */
export interface LineSocket {
  send(data: string): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  addEventListener(type: 'close' | 'error', listener: () => void): void
}

export interface LineListener {
  /** May throw, and its promise may reject: the socket is closed then, and `closed` is called with the error. */
  readonly received: (line: RunLine) => void | Promise<void>
  /** Called once, when the socket is closed by either side. */
  readonly closed: (error?: unknown) => void
}

const letters = { job: 'j', calls: 'c', request: 'r', answers: 'a', outcome: 'o' } as const
/** workerd accepts messages of 32 MiB. A character takes up to three bytes. */
const frameCharactersMax = 4 * 2 ** 20
const framePattern = /^([jcrao])(\d{1,9})([+.])/

/** Splits a long line into frames: `c12+…`, `c12.…`; the point marks the last one. */
export function sendLine(socket: LineSocket, { kind, number, text }: RunLine): void {
  const head = `${letters[kind]}${number}`
  let start = 0
  while (text.length - start > frameCharactersMax) {
    const end = endOfCharacter(text, start + frameCharactersMax)
    socket.send(`${head}+${text.slice(start, end)}`)
    start = end
  }
  socket.send(`${head}.${text.slice(start)}`)
}

/** workerd swallows an exception of a listener, which would leave the run waiting; so each is caught here. */
export function listenForLines(socket: LineSocket, listener: LineListener): void {
  let isOpen = true
  const close = (error?: unknown): void => {
    if (!isOpen) return
    isOpen = false
    listener.closed(error)
  }
  const fail = (error: unknown): void => {
    close(error)
    closeSocket(socket, 'a line could not be handled')
  }
  let begun = ''
  socket.addEventListener('message', ({ data }) => {
    try {
      const { kind, number, text, isLast } = parseFrame(data)
      begun += text
      if (!isLast) return
      const line = { kind, number, text: begun }
      begun = ''
      Promise.resolve(listener.received(line)).catch(fail)
    } catch (error) {
      fail(error)
    }
  })
  socket.addEventListener('close', () => {
    close()
    closeSocket(socket, '')
  })
  socket.addEventListener('error', () => close())
}

/** Does nothing if the socket is closed already. */
export function closeSocket(socket: LineSocket, reason: string): void {
  try {
    socket.close(1000, reason)
  } catch (error) {
    if (!(error instanceof Error)) throw error
  }
}

function parseFrame(data: unknown): RunLine & { readonly isLast: boolean } {
  const [head = '', letter, number, mark] = framePattern.exec(typeof data === 'string' ? data : '') ?? []
  const kind = (['job', 'calls', 'request', 'answers', 'outcome'] as const).find((one) => letters[one] === letter)
  if (typeof data !== 'string' || kind === undefined) throw new TypeError('expected a line of a run')
  return { kind, number: Number(number), text: data.slice(head.length), isLast: mark === '.' }
}

/** Never cuts a character of two code units in half, which would not survive the way. */
function endOfCharacter(text: string, end: number): number {
  const unit = text.charCodeAt(end - 1)
  return unit >= 0xd800 && unit <= 0xdbff ? end - 1 : end
}
