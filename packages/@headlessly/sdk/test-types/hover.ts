// The declarations of this file are what an editor shows on hover; a test reads them.

import { Contact, Message } from '@headlessly/sdk'

export const message = await Message.create({ body: 'Hello' })
export const contact = await Contact.get('contact_0123456789AB', { fields: ['name', 'stage'] })
export const contacts = await Contact.find({}, { fields: ['name'], include: ['organization'] })
export const contactMethods = Contact
