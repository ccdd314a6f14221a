/** The forms of what a service brings, so that it needs to see no package below. */
export type { AfterHandler, BeforeHook, Identity, Job, RetryRule, Secret, Verdict } from '@dotdo/do'
export { composeConnections, composeHooks, composeIdentity, composeJobs } from './compose-services.ts'
export type { ObjectParts, Service, ServicePrincipal, ServiceAnswer, ServiceRequest, ServiceRoute } from './service.ts'
export type {
  Committed,
  EarlierRun,
  ProgramEnd,
  ProgramKey,
  ProgramOutcome,
  Rehearsed,
  ServiceProgram,
} from './program.ts'
