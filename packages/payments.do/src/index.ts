export { paymentsService } from './payments-service.ts'
