// A line of capnweb as this server takes it: calls of the one method that there is, with values that JSON has, and what
// belongs to them. capnweb knows much more, which a session here has no use for and a stranger has: functions that we
// would call, promises that we would wait for, and maps, by which a kilobyte asks for more work than there is time.

import { messageCharactersMax, ObjectError, parseJson } from 'digital-objects'

/** Lists and objects in one another. */
export const depthMax = 256

/** The line, parsed. Throws an ObjectError. */
export function parseLine(line: string): readonly unknown[] {
  if (line.length > messageCharactersMax) {
    const message = `a message holds at most ${messageCharactersMax} characters`
    throw new ObjectError({ code: 'payload_too_large', field: 'body', message })
  }
  const message = parseJson(line, () => refusal('a line expects JSON'))
  if (!Array.isArray(message)) throw refusal('a line expects a list')
  const [kind, subject]: readonly unknown[] = message
  switch (kind) {
    case 'push':
      checkSend(subject)
      return message
    case 'pull':
    case 'release':
      // The place 0 is that of the session's own object, which is not for taking.
      if (Number.isSafeInteger(subject) && Number(subject) > 0) return message
      throw refusal(`${kind} expects the place of a call`)
    case 'abort':
      return ['abort', 'the client ended the session']
    default:
      throw refusal('a line expects push, pull, release or abort')
  }
}

/** `["pipeline", 0, ["send"], [message]]`: the method `send` of the session's own object. */
function checkSend(call: unknown): void {
  const [kind, target, path, given]: readonly unknown[] = Array.isArray(call) ? call : []
  const isSend = kind === 'pipeline' && target === 0 && Array.isArray(path) && path.length === 1 && path[0] === 'send'
  if (!isSend || !Array.isArray(given) || given.length !== 1) throw refusal('a session has one method: send(message)')
  checkValue(given[0], 0)
}

/** capnweb writes a list as a list in a list, so that what begins with a word is something else. */
function checkValue(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return
  if (depth === depthMax) throw refusal(`a message is at most ${depthMax} lists and objects deep`)
  if (!Array.isArray(value)) for (const inner of Object.values(value)) checkValue(inner, depth + 1)
  else if (value.length === 1 && Array.isArray(value[0])) for (const inner of value[0]) checkValue(inner, depth + 1)
  else if (value.length !== 1 || value[0] !== 'undefined') throw refusal('a message holds values that JSON has')
}

function refusal(what: string): ObjectError {
  return new ObjectError({ code: 'invalid_body', field: 'body', message: `no message of a session: ${what}` })
}
