import { testService } from '@dotdo/service/suite'
import { agentsService } from './agents-service.ts'

testService(agentsService({ send: () => Promise.reject(new Error('nothing is sent at start')), ai: undefined }))
