export { Activity, Contact, crm, Deal, Lead, Organization, Pipeline } from '@headlessly/sdk'
