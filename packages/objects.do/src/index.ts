export type { Answer, Answered, Caller, DigitalObjectCalls, Parameters, ReadCall, Refused, WriteCall } from './call.ts'
export { TenantObject } from './tenant-object.ts'
