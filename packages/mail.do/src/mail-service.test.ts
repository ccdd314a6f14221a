import { testService } from '@dotdo/service/suite'
import { mailService } from './mail-service.ts'

testService(mailService({ fetch }))
