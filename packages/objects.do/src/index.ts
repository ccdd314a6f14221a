export { defaultFlushSettings, type FlushSettings, liveRequest, parseFlushSettings } from '@dotdo/do'
export { answerFromFiles, type FilesParts, type FilesResult } from './answer-from-files.ts'
export { AnswerRoom, noRoom } from './answer-room.ts'
export { formatAnswer, parseAnswer } from './answer-text.ts'
export {
  type Answer,
  type Answered,
  type BatchCall,
  type Caller,
  type DigitalObjectCalls,
  type LakeCall,
  lakeCommands,
  type Parameters,
  type ReadCall,
  type Refused,
  type WriteCall,
} from './call.ts'
export { parseCalls } from './parse-calls.ts'
export { remoteToRead } from './remote-to-read.ts'
export { TenantObject } from './tenant-object.ts'
