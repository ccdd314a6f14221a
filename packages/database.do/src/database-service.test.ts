import { testService } from '@dotdo/service/suite'
import { databaseService } from './database-service.ts'

testService(databaseService())
