// Writes and reads of one tenant's entities, for tests: answers as they are, or entities.

import { type Entity, ObjectError, type ObjectEvent, type Parameters } from 'digital-objects'
import type { Answer, AnswersCalls, Caller } from 'objects.do'
import { ask, askRead } from './ask-tenant.ts'

type Json = Readonly<Record<string, unknown>>

interface Asked {
  readonly id?: string
  readonly isDryRun?: true
  readonly force?: string
}

export class EntitiesOf {
  readonly #stub: AnswersCalls
  readonly #caller: Caller

  constructor(stub: AnswersCalls, caller: Caller) {
    this.#stub = stub
    this.#caller = caller
  }

  send(type: `${string}.${string}`, body: Json = {}, asked: Asked = {}): Promise<Answer> {
    const [noun = '', verb = ''] = type.split('.')
    return ask(this.#stub, this.#caller, { kind: 'write', noun, verb, body: JSON.stringify(body), ...asked })
  }

  async write(type: `${string}.${string}`, body: Json = {}, asked: Asked = {}): Promise<Entity> {
    return bodyOf(await this.send(type, body, asked)) as Entity
  }

  /** Returns the code of a refusal, or `ok`. */
  async codeOf(type: `${string}.${string}`, body: Json = {}, asked: Asked = {}): Promise<string> {
    const answer = await this.send(type, body, asked)
    return answer.ok ? 'ok' : answer.error.code
  }

  /** Returns the entities of a Noun, oldest first. */
  async list(noun: string, parameters: Parameters = {}): Promise<readonly Entity[]> {
    const asked = { read: 'find', noun, parameters: { limit: '100', sort: '$createdAt', ...parameters } }
    return (bodyOf(await askRead(this.#stub, this.#caller, asked)) as Page<Entity>).results
  }

  async get(noun: string, id: string, parameters: Parameters = {}): Promise<Entity> {
    return bodyOf(await askRead(this.#stub, this.#caller, { read: 'get', noun, id, parameters })) as Entity
  }

  async events(): Promise<readonly ObjectEvent[]> {
    const asked = { read: 'events', parameters: { limit: '1000' } }
    return (bodyOf(await askRead(this.#stub, this.#caller, asked)) as Page<ObjectEvent>).results
  }
}

interface Page<Row> {
  readonly results: readonly Row[]
}

function bodyOf(answer: Answer): unknown {
  if (!answer.ok) throw new ObjectError(answer.error)
  return JSON.parse(answer.body)
}
