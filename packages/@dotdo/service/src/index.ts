export { composeConnections, composeHooks, composeJobs } from './compose-services.ts'
export type { ObjectParts, Service, ServiceAnswer, ServiceRequest, ServiceRoute } from './service.ts'
export type {
  Committed,
  EarlierRun,
  ProgramEnd,
  ProgramKey,
  ProgramOutcome,
  Rehearsed,
  ServiceProgram,
} from './program.ts'
