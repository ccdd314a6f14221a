// German descriptions of the fields of customers, products, prices, subscriptions, invoices and payments. Amounts are in minor units.

import type { SentenceTable } from '../message-pattern.ts'

export const billingFieldsDe: SentenceTable = {
  'Name on invoices; by default that of the contact or the organization.':
    'Name auf Rechnungen; sonst der des Kontakts oder der Organisation.',
  'Email address that invoices go to; by default that of the contact.':
    'E-Mail-Adresse für Rechnungen; sonst die des Kontakts.',
  'Identifier of the {name} at Stripe, unique among {name2}.': 'Kennung bei Stripe, nur einmal vergeben.',
  'Identifier of its customer at Stripe.': 'Kennung des Kunden bei Stripe.',
  'Way the customer pays by default, such as card or the identifier of a stored method.':
    'Übliche Zahlungsart, etwa Karte.',
  'ISO 4217 code of the currency the customer pays in, such as USD.': 'Währung, in der der Kunde zahlt, etwa EUR.',
  'Time zone in which its billing periods are counted, such as Europe/Berlin; UTC by default.':
    'Zeitzone der Abrechnung, etwa Europe/Berlin; sonst UTC.',
  'Tax status of the customer, such as none, exempt or reverse.':
    'Steuerstatus, etwa keine Befreiung, befreit oder Umkehr der Steuerschuld.',
  'Organization that the customer stands for; by default that of the contact.':
    'Organisation, für die der Kunde steht; sonst die des Kontakts.',
  'Contact that the customer stands for.': 'Kontakt, für den der Kunde steht.',
  'Subscriptions of the customer.': 'Abonnements des Kunden.',
  'Invoices to the customer.': 'Rechnungen an den Kunden.',
  'Payments by the customer.': 'Zahlungen des Kunden.',
  'Refunds to the customer.': 'Erstattungen an den Kunden.',
  'Credit notes for the customer.': 'Gutschriften für den Kunden.',
  'Deals that were won with the customer.': 'Mit dem Kunden gewonnene Geschäfte.',
  'Name of the {name} as buyers see it.': 'Name, wie Käufer ihn sehen.',
  'Text about what the product is and does.': 'Was das Produkt ist und tut.',
  'One line that sells the product.': 'Ein Satz, der für das Produkt wirbt.',
  'Kind of product.': 'Art des Produkts.',
  'State of the product: in preparation, on sale or archived.': 'Stand: in Vorbereitung, im Verkauf oder archiviert.',
  'Icon of the product as a name, an emoji or a path.': 'Symbol als Name, Emoji oder Pfad.',
  'URL of a picture of the product.': 'Adresse eines Bildes.',
  'Features of the product as text.': 'Leistungsmerkmale als Text.',
  'Main selling points as text.': 'Wichtigste Vorzüge als Text.',
  'True if the product is to be shown first.': 'Ob das Produkt zuerst gezeigt wird.',
  'Plans that the product is sold in.': 'Tarife, in denen das Produkt verkauft wird.',
  'Deals about the product.': 'Geschäfte über das Produkt.',
  'Prices that belong to the product directly.': 'Preise, die direkt zum Produkt gehören.',
  'Text about whom the plan is for.': 'Für wen der Tarif ist.',
  'State of the plan: in preparation, on sale, kept for old buyers only (Grandfathered) or archived.':
    'Stand: in Vorbereitung, im Verkauf, nur für Bestandskunden oder archiviert.',
  'Length of the free trial in days.': 'Dauer der kostenlosen Testphase in Tagen.',
  'Features that the plan includes, as text.': 'Enthaltene Leistungsmerkmale als Text.',
  'Limits of use that come with the plan, as text.': 'Grenzen der Nutzung als Text.',
  'Short label shown with the plan, such as Most popular.': 'Kurzes Kennzeichen, etwa „Am beliebtesten“.',
  'Position of the plan in lists, lowest first.': 'Stelle in Listen, die kleinste zuerst.',
  'True for the plan that is meant for buyers who choose no other.':
    'Ob der Tarif gilt, wenn kein anderer gewählt ist.',
  'True if the plan costs nothing.': 'Ob der Tarif nichts kostet.',
  'True if the plan is sold by negotiation rather than by a listed price.':
    'Ob der Tarif verhandelt wird, statt nach Preisliste.',
  'Product that the plan is an edition of.': 'Produkt, von dem der Tarif eine Ausgabe ist.',
  'Prices at which the plan is sold.': 'Preise des Tarifs.',
  'Subscriptions to the plan.': 'Abonnements dieses Tarifs.',
  'Label of the price, such as Yearly with discount.': 'Bezeichnung, etwa „Jährlich mit Rabatt“.',
  'Amount in minor units of currency, such as 4900 for 49.00 USD; it never changes.': 'Betrag, der sich nie ändert.',
  'ISO 4217 code of the currency; by default that of the tenant.': 'Währung; sonst die des Unternehmens.',
  'Period for which the amount pays; OneTime and Usage do not recur.': 'Zeitraum, für den gezahlt wird.',
  'Number of intervals in one billing period, such as 2 for every two months.':
    'Intervalle je Abrechnung, etwa 2 für alle zwei Monate.',
  'Amount before a discount, in minor units of currency.': 'Betrag vor dem Rabatt.',
  'Discount from originalAmount in percent, from 0 to 100.': 'Rabatt auf den ursprünglichen Betrag in Prozent.',
  'True if the price is offered for new purchases.': 'Ob der Preis für neue Käufe angeboten wird.',
  'Plan that the price is for.': 'Tarif, für den der Preis gilt.',
  'Product that the price is for; by default that of the plan.':
    'Produkt, für das der Preis gilt; sonst das des Tarifs.',
  'Subscriptions that are billed at this price.': 'Abonnements zu diesem Preis.',
  'Line items at this price.': 'Rechnungsposten zu diesem Preis.',
  'Items of subscriptions at this price.': 'Abonnementposten zu diesem Preis.',
  'State of the subscription, which its verbs change; Trialing by default if the plan has trialDays.':
    'Stand des Abonnements; Aktionen ändern ihn.',
  'Number of units or seats; 1 by default.': 'Menge oder Plätze; sonst 1.',
  'Amount of one period and unit in minor units of currency; by default that of the price.':
    'Betrag je Periode und Einheit; sonst der des Preises.',
  'ISO 4217 code of the amount; by default that of the price or customer, else that of the tenant.':
    'Währung; sonst die des Preises, Kunden oder Unternehmens.',
  'Time zone in which periods are counted, such as Europe/Berlin; by default that of the customer, else that of the tenant.':
    'Zeitzone der Perioden; sonst die des Kunden oder Unternehmens.',
  'Time the subscription began; now by default.': 'Beginn des Abonnements; sonst jetzt.',
  'Time from which billing periods are counted; by default the end of the trial, else startedAt; reactivate may move it.':
    'Ab wann Perioden zählen; sonst ab dem Ende der Testphase oder dem Beginn.',
  'Time the current billing period began; renew moves it on.': 'Beginn der laufenden Periode.',
  'Time the current billing period, or the trial, ends; renew and reactivate move it on.':
    'Ende der laufenden Periode oder der Testphase.',
  'Time the free trial began.': 'Beginn der Testphase.',
  'Time the free trial ends; by default trialDays of the plan after startedAt.':
    'Ende der Testphase; sonst nach den Testtagen des Tarifs.',
  'Time of the last activation; activate and reactivate set it.': 'Zeitpunkt der letzten Aktivierung.',
  'Time of the last change of plan, price or quantity; upgrade and downgrade set it.':
    'Letzte Änderung von Tarif, Preis oder Menge.',
  'Time of the last renewal; renew sets it.': 'Zeitpunkt der letzten Verlängerung.',
  'Time since which a payment is late; markPastDue sets it, and activate and reactivate clear it.':
    'Seit wann eine Zahlung aussteht.',
  'Time its late payment was given up; markUnpaid sets it and reactivate clears it.':
    'Wann die späte Zahlung aufgegeben wurde.',
  'True if the subscription is to end with the current period; cancel sets it.':
    'Ob das Abonnement mit der Periode endet.',
  'Time the subscription was cancelled; cancel sets it and reactivate clears it.': 'Zeitpunkt der Kündigung.',
  'Reason for the cancellation.': 'Grund der Kündigung.',
  'Comment of the customer on the cancellation.': 'Was der Kunde zur Kündigung sagt.',
  'Time the subscription was paused; pause sets it; reactivate clears it, and so does a cancellation.':
    'Zeitpunkt des Pausierens.',
  'Time a paused subscription is to continue; reactivate clears it.': 'Wann es nach der Pause weitergeht.',
  'Time the subscription ended; cancel sets it and reactivate clears it.': 'Ende des Abonnements.',
  'Items as JSON that each invoice bills beside the price; itemize lists the items of the subscription.':
    'Posten, die jede Rechnung neben dem Preis enthält, als JSON.',
  'Amount of these items after discounts and before tax, in minor units of currency.':
    'Betrag dieser Posten nach Nachlass, vor Steuer.',
  'Lines of the next invoice as JSON, such as the rest of a period after a change of plan; renew bills them.':
    'Zeilen der nächsten Rechnung als JSON, etwa der Rest einer Periode.',
  'Way this subscription is paid, such as card or the identifier of a stored method.': 'Zahlungsart, etwa Karte.',
  'Way payment is collected, such as charge_automatically or send_invoice.':
    'Wie eingezogen wird, etwa selbsttätig oder auf Rechnung.',
  'Provider that bills it, such as stripe, in place of the server, whose clock then renews and ends nothing.':
    'Anbieter, der statt des Servers abrechnet, etwa Stripe.',
  'Organization that subscribes; by default that of the customer or contact.':
    'Organisation, die abonniert; sonst die des Kunden oder Kontakts.',
  'Customer that is billed.': 'Kunde, der die Rechnung erhält.',
  'Contact who subscribes; by default that of the customer.': 'Kontakt, der abonniert; sonst der des Kunden.',
  'Plan that is subscribed to; by default that of the price.': 'Abonnierter Tarif; sonst der des Preises.',
  'Price at which the plan is billed.': 'Preis, zu dem abgerechnet wird.',
  'Invoices for the subscription.': 'Rechnungen des Abonnements.',
  'Items that are billed in each period beside the price.': 'Posten, die neben dem Preis abgerechnet werden.',
  'Deals with which the subscription was sold.': 'Geschäfte, mit denen es verkauft wurde.',
  'Invoice number, unique and without gaps, such as INV-2026-0001; finalize assigns it if it is empty.':
    'Rechnungsnummer, lückenlos und nur einmal vergeben; beim Ausstellen vergeben.',
  'State of the invoice; its verbs change it.': 'Stand der Rechnung; Aktionen ändern ihn.',
  'ISO 4217 code of all amounts; by default that of the subscription or customer, else that of the tenant.':
    'Währung; sonst die des Abonnements, Kunden oder Unternehmens.',
  'Sum of the line items before discount and tax, in minor units of currency.':
    'Summe der Posten vor Rabatt und Steuer.',
  'Tax in minor units of currency; the sum of the line items, if they have one.': 'Steuer; die Summe der Posten.',
  'Tax that is in the total already, in minor units of currency; the sum of the line items.':
    'In der Summe enthaltene Steuer.',
  'Discount in minor units of currency; the sum of the line items, if they have one.': 'Rabatt; die Summe der Posten.',
  'Amount of the whole invoice, subtotal - discount + tax, in minor units of currency.':
    'Rechnungsbetrag: Zwischensumme - Rabatt + Steuer.',
  'Sum of the payments, in minor units of currency; pay adds to it.': 'Summe der Zahlungen.',
  'Sum of credits that reduce what is due, in minor units of currency; credit adds to it.':
    'Gutschriften, die den offenen Betrag mindern.',
  'Sum of credits owed back after the payment, in minor units of currency; credit adds to it.':
    'Gutschriften, die nach der Zahlung zurückzuzahlen sind.',
  'Sum of the refunds of its payments, in minor units of currency; refunds change it.': 'Summe der Erstattungen.',
  'Part of refundedAmount that pays out credits, in minor units of currency; refunds change it.':
    'Erstattungen, die Gutschriften auszahlen.',
  'Amount not paid, total - amountPaid - creditedAmount, in minor units of currency; owed while the invoice is Open.':
    'Offener Betrag: Summe - bezahlt - gutgeschrieben.',
  'List of the billed items as JSON, each with its amount; finalize and itemize add the line items of a draft.':
    'Abgerechnete Posten als JSON.',
  'Time the billed period begins.': 'Beginn des abgerechneten Zeitraums.',
  'Time the billed period ends.': 'Ende des abgerechneten Zeitraums.',
  'Time the invoice was issued; finalize sets it.': 'Zeitpunkt der Ausstellung.',
  'Time by which payment is due; finalize sets it by the setting paymentTerms if it is empty.':
    'Bis wann zu zahlen ist; sonst nach dem eingestellten Zahlungsziel.',
  'Time the invoice was paid in full.': 'Zeitpunkt der vollen Bezahlung.',
  'Time the invoice was voided; void sets it.': 'Zeitpunkt der Stornierung.',
  'Time since which the open invoice is overdue; lapse sets it.': 'Seit wann die Rechnung überfällig ist.',
  'Time since which the open invoice is overdue, or since its first payment failed; retries count from it.':
    'Seit wann die Rechnung im Verzug ist.',
  'Number of times that its payment was requested again; retry adds 1.': 'Wie oft die Zahlung erneut versucht wurde.',
  'Time its payment was last requested again; retry sets it.': 'Zeitpunkt des letzten Versuchs.',
  'Time the invoice was given up; markUncollectible sets it.': 'Wann die Rechnung aufgegeben wurde.',
  'Time of the last credit; credit sets it.': 'Zeitpunkt der letzten Gutschrift.',
  'URL of the receipt.': 'Adresse der Quittung.',
  'URL of the invoice as a PDF file.': 'Adresse der Rechnung als PDF.',
  'URL of the page on which the customer can view and pay the invoice.':
    'Adresse der Seite, auf der der Kunde die Rechnung sieht und zahlt.',
  'Provider that collects it, such as stripe, in place of the server, whose clock then reminds and gives up nothing.':
    'Anbieter, der statt des Servers einzieht, etwa Stripe.',
  'Organization that is billed; by default that of the subscription or customer.':
    'Organisation, die die Rechnung erhält; sonst die des Abonnements oder Kunden.',
  'Customer that is billed; by default that of the subscription.':
    'Kunde, der die Rechnung erhält; sonst der des Abonnements.',
  'Subscription that the invoice is for.': 'Abonnement, für das die Rechnung ist.',
  'Payments towards the invoice.': 'Zahlungen auf die Rechnung.',
  'Refunds of its payments.': 'Erstattungen ihrer Zahlungen.',
  'Credit notes that correct the invoice; credit creates them.': 'Gutschriften zur Rechnung.',
  'Line items of the invoice; finalize creates those of the list lineItems.': 'Posten der Rechnung.',
  'ISO 4217 code of the amount; by default that of the invoice or customer, else that of the tenant.':
    'Währung; sonst die der Rechnung, des Kunden oder Unternehmens.',
  'State of the payment; capture, fail and refund change it.': 'Stand der Zahlung; Aktionen ändern ihn.',
  'Way of payment, such as card or bank_transfer.': 'Zahlungsart, etwa Karte oder Überweisung.',
  'Sum that was paid back, in minor units of currency; refund adds to it.': 'Zurückgezahlter Betrag.',
  'Amount without what was paid back, in minor units of currency.': 'Betrag ohne das Zurückgezahlte.',
  'Reason for a failure as a code, such as card_declined.': 'Grund eines Fehlschlags als Code.',
  'Reason for a failure as text.': 'Grund eines Fehlschlags als Text.',
  'Time the money was received; capture sets it.': 'Zeitpunkt des Zahlungseingangs.',
  'Time the payment failed; fail sets it.': 'Zeitpunkt des Fehlschlags.',
  'Time of the last refund; refund sets it.': 'Zeitpunkt der letzten Erstattung.',
  'Customer who pays; by default that of the invoice.': 'Kunde, der zahlt; sonst der der Rechnung.',
  'Invoice that the payment is for.': 'Rechnung, auf die gezahlt wird.',
  'Refunds of the payment; refund creates them.': 'Erstattungen der Zahlung.',
}
