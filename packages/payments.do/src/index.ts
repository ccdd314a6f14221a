export { paymentsService, type PaymentsOptions } from './payments-service.ts'
export type { Provider } from './records/provider.ts'
