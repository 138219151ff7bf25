// SPDX-License-Identifier: Apache-2.0

// Package license turns what packages declare as their licence into SPDX
// expressions, and says of an expression what kind of duties it brings and
// whether a policy allows it. It knows the ids of https://spdx.org/licenses/ as
// a table. It is pure: it opens no file, and it is no lawyer: a category is a
// rule of thumb for who has to look, not advice.
package license

import (
	"strings"
	"sync"
)

// ID is one entry of the SPDX list of licences.
type ID struct {
	ID string
	// Name in full: "Apache License 2.0"; empty where it is not known here.
	Name string
	// Deprecated ids have another spelling now: "GPL-2.0".
	Deprecated bool
	// OSI says that the Open Source Initiative approved it.
	OSI bool
}

// index finds ids and exceptions in any case.
type index struct {
	ids        map[string]*ID
	exceptions map[string]string
	// names are the forms in which people write ids and names, see key.
	names map[string]string
	// additions are those of exceptions.
	additions map[string]string
}

var table = sync.OnceValue(func() *index {
	x := &index{ids: map[string]*ID{}, exceptions: map[string]string{}, names: map[string]string{}, additions: map[string]string{}}
	for i := range listIDs {
		id := &listIDs[i]
		x.ids[strings.ToLower(id.ID)] = id
	}
	for _, e := range listExceptions {
		x.exceptions[strings.ToLower(e)] = e
		x.additions[key(e)] = e
	}
	// An id is surer than a name, and a name of ours than one of the list.
	for i := range listIDs {
		x.name(listIDs[i].ID, listIDs[i].ID)
	}
	for _, a := range aliases {
		for _, n := range a.names {
			x.name(n, a.expression)
		}
	}
	for i := range listIDs {
		if n := listIDs[i].Name; n != "" && !listIDs[i].Deprecated {
			x.name(n, listIDs[i].ID)
		}
	}
	for id, names := range exceptionNames {
		for _, n := range names {
			x.additions[key(n)] = id
		}
	}
	return x
})

func (x *index) name(written, expression string) {
	if k := key(written); k != "" && x.names[k] == "" {
		x.names[k] = expression
	}
}

// Lookup finds an id of the SPDX list, in any case.
func Lookup(id string) (ID, bool) {
	if e, ok := table().ids[strings.ToLower(id)]; ok {
		return *e, true
	}
	return ID{}, false
}
