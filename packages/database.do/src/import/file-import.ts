// The request of an import, and what it imports.

import type { ServiceRequest } from '@dotdo/service'
import type { NounSchema } from 'digital-objects'
import type { OpenedFile } from './file-rows.ts'
import type { ImportChoices } from './import-choices.ts'

/** The parts of a request that an import reads. */
export type FileRequest = Pick<ServiceRequest, 'tenant' | 'parameters' | 'header' | 'bytes' | 'answerMessage'> &
  Partial<Pick<ServiceRequest, 'idempotencyKey' | 'at'>>

export interface FileImport {
  readonly file: OpenedFile
  readonly noun: NounSchema
  readonly choices: ImportChoices
}
