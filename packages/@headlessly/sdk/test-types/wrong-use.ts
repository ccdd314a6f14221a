// A test compiles this file and reads the compiler's errors.

import { $, Contact, Deal } from '@headlessly/sdk'

await Contact.create({ name: 'Ada', emial: 'ada@example.com' })
await Contact.create({ name: 'Ada', stage: 'Led' })
await Contact.qualfy('contact_0123456789AB')
await Contact.get('contact_0123456789AB', { include: ['dealz'] })
await Deal.find({ value: { $gtt: 1 } })
await Deal.find({ stage: 'Winning' })
$.events.subscribe('Contact.Qualifid', () => {})
await $.Contct.find()
await Contact.find({}, { fields: ['emial'] })
await Contact.update('contact_0123456789AB', { emial: 'ada@example.com' })
await Contact.update({ id: 'contact_0123456789AB', emial: 'ada@example.com' })
await Contact.qualify('contact_0123456789AB', { leadScor: 1 })
await Contact.qualify({ id: 'contact_0123456789AB', leadScor: 1 })
await Contact.qualify('contact_0123456789AB', { stage: 'Led' })
await Contact.capture({ nam: 'Ada' })
await Contact.qualify({ leadScore: 1 })
await Contact.qualify('contact_0123456789AB', {}, { ifVersio: 2 })
await Contact.find().map((contact) => contact.dealz)
await Contact.find().filter((contact) => contact.stage === 'Negotiation')
await Deal.create({ name: 'Engine', value: Contact.create({ name: 'Ada' }).name })
