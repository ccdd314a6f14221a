export { billing, Customer, Invoice, Payment, Plan, Price, Product, Subscription } from '@headlessly/sdk'
