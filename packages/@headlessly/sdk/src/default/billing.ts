// The entities of the domain `billing`, bound to the default client.

import {
  Coupon as CouponNoun,
  CreditNote as CreditNoteNoun,
  Customer as CustomerNoun,
  Invoice as InvoiceNoun,
  LineItem as LineItemNoun,
  Payment as PaymentNoun,
  Plan as PlanNoun,
  Price as PriceNoun,
  Product as ProductNoun,
  Refund as RefundNoun,
  Subscription as SubscriptionNoun,
  SubscriptionItem as SubscriptionItemNoun,
  TaxRate as TaxRateNoun,
} from 'digital-objects'
import { defaultEntity } from './default-session.ts'
import type { EntityMethods } from '../entities/entity-methods.ts'
import type { Namespace } from '../client/client.ts'

export const Customer: EntityMethods<'Customer'> = /* @__PURE__ */ defaultEntity(CustomerNoun)
export const Product: EntityMethods<'Product'> = /* @__PURE__ */ defaultEntity(ProductNoun)
export const Plan: EntityMethods<'Plan'> = /* @__PURE__ */ defaultEntity(PlanNoun)
export const Price: EntityMethods<'Price'> = /* @__PURE__ */ defaultEntity(PriceNoun)
export const Subscription: EntityMethods<'Subscription'> = /* @__PURE__ */ defaultEntity(SubscriptionNoun)
export const Invoice: EntityMethods<'Invoice'> = /* @__PURE__ */ defaultEntity(InvoiceNoun)
export const Payment: EntityMethods<'Payment'> = /* @__PURE__ */ defaultEntity(PaymentNoun)
export const Refund: EntityMethods<'Refund'> = /* @__PURE__ */ defaultEntity(RefundNoun)
export const CreditNote: EntityMethods<'CreditNote'> = /* @__PURE__ */ defaultEntity(CreditNoteNoun)
export const LineItem: EntityMethods<'LineItem'> = /* @__PURE__ */ defaultEntity(LineItemNoun)
export const SubscriptionItem: EntityMethods<'SubscriptionItem'> = /* @__PURE__ */ defaultEntity(SubscriptionItemNoun)
export const Coupon: EntityMethods<'Coupon'> = /* @__PURE__ */ defaultEntity(CouponNoun)
export const TaxRate: EntityMethods<'TaxRate'> = /* @__PURE__ */ defaultEntity(TaxRateNoun)

export const billing: Namespace<'billing'> = {
  Customer,
  Product,
  Plan,
  Price,
  Subscription,
  Invoice,
  Payment,
  Refund,
  CreditNote,
  LineItem,
  SubscriptionItem,
  Coupon,
  TaxRate,
}
