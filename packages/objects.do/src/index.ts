export {
  type Bookmark,
  defaultFlushSettings,
  type FlushSettings,
  formatBookmark,
  isCovered,
  parseBookmark,
  parseFlushSettings,
} from '@dotdo/do'
export { answerFromFiles, type FilesParts, type FilesResult } from './answer-from-files.ts'
export { formatAnswer, parseAnswer } from './answer-text.ts'
export type { Answer, Answered, Caller, DigitalObjectCalls, Parameters, ReadCall, Refused, WriteCall } from './call.ts'
export { TenantObject } from './tenant-object.ts'
