import { testService } from '@dotdo/service/suite'
import { databaseService } from './database-service.ts'

testService(databaseService({ random: (count) => crypto.getRandomValues(new Uint8Array(count)), now: Date.now }))
