"""Uses the client that openapi-python-client generates."""

import os

from headless_ly_client import Client
from headless_ly_client.api.contact import contact_create, contact_find, contact_get, contact_qualify, contact_update
from headless_ly_client.api.organization import organization_create
from headless_ly_client.models import ContactCreate, ContactFindStage, ContactUpdate, OrganizationCreate

client = Client(base_url=os.environ["TENANT_URL"])
organization = organization_create.sync(client=client, body=OrganizationCreate(name="Engines"))
created = contact_create.sync_detailed(client=client, body=ContactCreate(name="Ada", organization=organization.id))
ada = created.parsed
print("create", int(created.status_code), ada.name, ada.stage.value)
page = contact_find.sync(client=client, stage=ContactFindStage.LEAD, sort="-$createdAt", limit=2)
print("find", page.total, page.results[0].name)
print("verb", contact_qualify.sync(ada.id, client=client).stage.value)
print("include", contact_get.sync(ada.id, client=client, include="organization").organization.name)
conflict = contact_update.sync_detailed(ada.id, client=client, body=ContactUpdate(name="Ada L"), if_match='"1"')
print("conflict", int(conflict.status_code), conflict.parsed.code)
