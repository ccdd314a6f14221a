export { support, Ticket } from '@headlessly/sdk'
