// The services of a tenant with the records of money, for tests.

import { paymentsService } from 'payments.do'

export const paymentServices = [paymentsService()]
