export { type AgentsOptions, agentsService } from './agents-service.ts'
export type { WorkersAi } from './model/workers-ai-model.ts'
