export {
  billing,
  CreditNote,
  Customer,
  Invoice,
  Payment,
  Plan,
  Price,
  Product,
  Refund,
  Subscription,
} from '@headlessly/sdk'
