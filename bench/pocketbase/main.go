// PocketBase with one collection of contacts that everybody may use, for the benchmark. Its database is configured as it
// ships, or, with BENCH_SYNCHRONOUS=FULL, so that a commit is on disk before it is answered.
package main

import (
	"log"
	"os"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

func main() {
	config := pocketbase.Config{HideStartBanner: true}
	if mode := os.Getenv("BENCH_SYNCHRONOUS"); mode != "" {
		config.DBConnect = connectWith(mode)
	}
	app := pocketbase.NewWithConfig(config)
	app.OnServe().BindFunc(func(event *core.ServeEvent) error {
		if err := addContacts(event.App); err != nil {
			return err
		}
		return event.Next()
	})
	if err := app.Start(); err != nil {
		log.Fatal(err)
	}
}

// The pragmas of core.DefaultDBConnect, but for `synchronous`.
func connectWith(synchronous string) core.DBConnectFunc {
	pragmas := []string{
		"busy_timeout(10000)",
		"journal_mode(WAL)",
		"journal_size_limit(200000000)",
		"synchronous(" + synchronous + ")",
		"foreign_keys(ON)",
		"temp_store(MEMORY)",
		"cache_size(-32000)",
	}
	return func(path string) (*dbx.DB, error) {
		return dbx.Open("sqlite", path+"?_pragma="+strings.Join(pragmas, "&_pragma="))
	}
}

func addContacts(app core.App) error {
	if _, err := app.FindCollectionByNameOrId("contacts"); err == nil {
		return nil
	}
	contacts := core.NewBaseCollection("contacts")
	everybody := types.Pointer("")
	contacts.CreateRule, contacts.ViewRule, contacts.ListRule = everybody, everybody, everybody
	contacts.Fields.Add(
		&core.TextField{Name: "name", Required: true},
		&core.EmailField{Name: "email"},
		&core.TextField{Name: "title"},
		&core.TextField{Name: "phone"},
		&core.NumberField{Name: "leadScore"},
		&core.AutodateField{Name: "created", OnCreate: true},
		&core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true},
	)
	contacts.AddIndex("idx_contacts_email", true, "email", "")
	contacts.AddIndex("idx_contacts_created", false, "created", "")
	return app.Save(contacts)
}
