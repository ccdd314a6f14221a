// The read-only part of the tenant's state.

import type { StorageHandler } from './storage-handler.ts'

export type StateReader = Pick<
  StorageHandler,
  | 'table'
  | 'tableOf'
  | 'hasTable'
  | 'hasList'
  | 'markedPast'
  | 'nounsWithTables'
  | 'get'
  | 'getToChange'
  | 'recall'
  | 'getAsOf'
  | 'getDeleted'
  | 'eventSeqs'
  | 'exists'
  | 'countPresent'
  | 'countReplaced'
  | 'countColumns'
  | 'stamps'
>
