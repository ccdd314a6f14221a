// Checks a history of transactions with Porcupine: each transaction is one operation on one object, the whole tenant. It
// reads the history as JSON and prints "ok", "illegal" or "unknown".
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
)

const timeout = 2 * time.Minute

type operation struct {
	Op    string          `json:"op"`
	Group string          `json:"group"`
	Id    string          `json:"id"`
	Count int             `json:"count"`
	Value *int            `json:"value"`
	Slots [][]interface{} `json:"slots"`
}

type transaction struct {
	Client     int         `json:"client"`
	Call       int64       `json:"call"`
	Return     int64       `json:"return"`
	Operations []operation `json:"operations"`
}

type slot struct {
	group string
	value int
}

type slots map[string]slot

func main() {
	var history []transaction
	if err := json.NewDecoder(os.Stdin).Decode(&history); err != nil {
		panic(err)
	}
	operations := make([]porcupine.Operation, 0, len(history))
	for _, each := range history {
		operations = append(operations, porcupine.Operation{
			ClientId: each.Client, Input: each.Operations, Call: each.Call, Output: nil, Return: each.Return,
		})
	}
	switch porcupine.CheckOperationsTimeout(tenant, operations, timeout) {
	case porcupine.Ok:
		fmt.Println("ok")
	case porcupine.Illegal:
		fmt.Println("illegal")
	default:
		fmt.Println("unknown")
	}
}

var tenant = porcupine.Model{
	Init: func() interface{} { return slots{} },
	// The input holds the results too, since a transaction mixes both.
	Step: func(state, input, _ interface{}) (bool, interface{}) {
		next := copyOf(state.(slots))
		for _, each := range input.([]operation) {
			if !next.perform(each) {
				return false, state
			}
		}
		return true, next
	},
	Equal: func(a, b interface{}) bool { return a.(slots).text() == b.(slots).text() },
}

// perform applies an operation, and tells whether its result is possible.
func (s slots) perform(each operation) bool {
	found, exists := s[each.Id]
	switch each.Op {
	case "count":
		return len(s.of(each.Group)) == each.Count
	case "list":
		seen := make([]string, 0, len(each.Slots))
		for _, pair := range each.Slots {
			seen = append(seen, fmt.Sprintf("%v=%v", pair[0], pair[1]))
		}
		sort.Strings(seen)
		return strings.Join(seen, " ") == strings.Join(s.of(each.Group), " ")
	case "get":
		return exists == (each.Value != nil) && (!exists || found.value == *each.Value)
	case "create":
		s[each.Id] = slot{each.Group, *each.Value}
		return !exists
	case "update":
		s[each.Id] = slot{found.group, *each.Value}
		return exists
	case "remove":
		delete(s, each.Id)
		return exists
	}
	panic("unknown operation " + each.Op)
}

func (s slots) of(group string) []string {
	texts := []string{}
	for id, each := range s {
		if each.group == group {
			texts = append(texts, fmt.Sprintf("%v=%v", id, each.value))
		}
	}
	sort.Strings(texts)
	return texts
}

func (s slots) text() string {
	texts := make([]string, 0, len(s))
	for id, each := range s {
		texts = append(texts, fmt.Sprintf("%v=%v:%v", id, each.group, each.value))
	}
	sort.Strings(texts)
	return strings.Join(texts, " ")
}

func copyOf(s slots) slots {
	next := make(slots, len(s))
	for id, each := range s {
		next[id] = each
	}
	return next
}
