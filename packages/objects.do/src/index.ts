export { defaultFlushSettings, type FlushSettings, parseFlushSettings } from '@dotdo/do'
export { formatAnswer, parseAnswer } from './answer-text.ts'
export type { Answer, Answered, Caller, DigitalObjectCalls, Parameters, ReadCall, Refused, WriteCall } from './call.ts'
export { TenantObject } from './tenant-object.ts'
