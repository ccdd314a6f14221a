// Uses the client that oapi-codegen generates.
package main

import (
	"context"
	"fmt"
	"os"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func to[T any](value T) *T { return &value }

func main() {
	ctx := context.Background()
	client := must(NewClientWithResponses(os.Getenv("TENANT_URL")))
	organization := must(client.OrganizationCreateWithResponse(ctx, nil, OrganizationCreate{Name: "Engines"})).JSON201
	created := must(client.ContactCreateWithResponse(ctx, nil, ContactCreate{Name: "Ada", Organization: &organization.Id}))
	ada := created.JSON201
	fmt.Println("create", created.StatusCode(), ada.Name, *ada.Stage)
	find := ContactFindParams{Stage: to(ContactFindParamsStage("Lead")), Sort: to("-$createdAt"), Limit: to(2)}
	page := must(client.ContactFindWithResponse(ctx, &find)).JSON200
	fmt.Println("find", *page.Total, must(page.Results[0].AsContact()).Name)
	qualified := must(client.ContactQualifyWithResponse(ctx, ada.Id, nil, ContactUpdate{})).JSON200
	fmt.Println("verb", *qualified.Stage)
	with := ContactGetParams{Include: to("organization")}
	whole := must(must(client.ContactGetWithResponse(ctx, ada.Id, &with)).JSON200.AsContact())
	fmt.Println("include", must(whole.Organization.AsOrganization()).Name)
	old := ContactUpdateParams{IfMatch: to(`"1"`)}
	conflict := must(client.ContactUpdateWithResponse(ctx, ada.Id, &old, ContactUpdate{Name: to("Ada L")}))
	fmt.Println("conflict", conflict.StatusCode(), conflict.ApplicationproblemJSON4XX.Code)
}
