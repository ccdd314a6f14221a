// The managed Digital Object of one tenant: calls come in as plain data, go to the write path or to a reader, and come
// back as plain data. What a caller did wrong is an answer; what we did wrong is thrown.

import {
  type Change,
  type Hooks,
  type TenantDefinition,
  TenantDurableObject,
  type Written,
  withContext,
} from '@dotdo/do'
import { type NounSchema, ObjectError } from 'digital-objects'
import { validateFields } from './accepted-fields.ts'
import { activityTouches } from './activity-touches.ts'
import { formatAnswer } from './answer-text.ts'
import { answerBatch } from './batch.ts'
import { builtInLookup as lookup, builtInSchemas } from './built-in-nouns.ts'
import type { Answer, BatchCall, DigitalObjectCalls, LakeCall, ReadCall, WriteCall } from './call.ts'
import { answerLake } from './lake-call.ts'
import { answerRead, type ReadParts } from './read-call.ts'
import { remoteToRead } from './remote-to-read.ts'
import { callToChange } from './write-call.ts'

export class TenantObject<Env = unknown> extends TenantDurableObject<Env> implements DigitalObjectCalls {
  readonly #parts: ReadParts

  /** `lake`: where files go; without it everything stays in the object. */
  constructor(ctx: DurableObjectState, env: Env, lake?: TenantDefinition['lake']) {
    super(ctx, env, (write) => ({
      nouns: builtInSchemas,
      hooks: builtInHooks(write),
      validate: validateFields,
      ...(lake === undefined ? {} : { lake }),
    }))
    this.#parts = { store: this.store, lookup, schemas: () => builtInSchemas }
  }

  async write(call: WriteCall): Promise<string> {
    return formatAnswer(await this.#answerWrite(call))
  }

  async read(call: ReadCall): Promise<string> {
    return formatAnswer(await this.#answerRead(call))
  }

  async lake(call: LakeCall): Promise<string> {
    const answer = async (): Promise<Answer> => {
      const body = JSON.stringify(await answerLake(this.store, call))
      return { ok: true, body, bookmark: this.store.bookmark, source: 'object' }
    }
    return formatAnswer(await answer().catch((error: unknown) => this.#refuse(error)))
  }

  async batch({ calls, ...caller }: BatchCall): Promise<readonly string[]> {
    const answers = await answerBatch(calls, (call) =>
      call.kind === 'write' ? this.#answerWrite({ ...caller, ...call }) : this.#answerRead(remoteToRead(call, caller)),
    )
    return answers.map((answer, at) => (calls[at]?.isSilent === true ? '' : formatAnswer(answer)))
  }

  async #answerWrite(call: WriteCall): Promise<Answer> {
    try {
      if (call.bookmark !== undefined) this.store.checkBookmark(call.bookmark)
      const history = {
        seqAt: (momentMs: number) => this.store.events.seqAt(momentMs),
        seqOfVersion: (schema: NounSchema, id: string, version: number) => this.store.seqOfVersion(schema, id, version),
      }
      const change = callToChange(call, { lookup, history })
      const written = await this.store.write(change, { name: call.tenant, context: call.context })
      return this.#answerWritten(written, call.context)
    } catch (error) {
      return this.#refuse(error)
    }
  }

  /** Each try is synchronous, so that it sees one state of the tenant from its first line to its last. */
  async #answerRead(call: ReadCall): Promise<Answer> {
    try {
      return await this.store.reading(() => {
        if (call.bookmark !== undefined) this.store.checkBookmark(call.bookmark)
        return { ok: true, ...answerRead(this.#parts, call), bookmark: this.store.bookmark }
      })
    } catch (error) {
      return this.#refuse(error)
    }
  }

  #answerWritten(written: Written, context: string): Answer {
    const { row, kind, isReplay } = written
    return {
      ok: true,
      body: kind === 'deleted' ? '' : withContext(row, context),
      bookmark: this.store.bookmark,
      source: 'object',
      version: row.version,
      // One that was brought back was not created: it goes on from its last version.
      ...(row.version === 1 ? { createdId: row.target } : {}),
      ...(isReplay ? { isReplay } : {}),
    }
  }

  #refuse(error: unknown): Answer {
    if (!(error instanceof ObjectError)) throw error
    return { ok: false, error: error.toData(), bookmark: this.store.bookmark }
  }
}

function builtInHooks(write: (change: Change) => Promise<Written>): Hooks {
  return { before: [], after: [activityTouches({ lookup, write })] }
}
