// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// What remains of a password.
const (
	passwordEmpty  = "empty"
	passwordLocked = "locked"
	passwordSet    = "set"
	// passwordShadow says that it stands in etc/shadow.
	passwordShadow = "x"
)

// maxAccounts is the size above which a file of accounts is refused, in bytes.
const maxAccounts = 4 << 20

// accounts keeps the files of accounts without the passwords: see passwd(5),
// shadow(5), group(5), and FreeBSD's master.passwd(5).
type accounts struct{}

func (accounts) Name() string { return "image/accounts" }
func (accounts) Version() int { return 1 }

func (accounts) Wants(f *sekisho.File) bool {
	switch f.Path {
	case "etc/passwd", "etc/group", "etc/shadow", "etc/master.passwd",
		"usr/etc/passwd", "usr/etc/group", "usr/etc/shadow", "usr/lib/passwd", "usr/lib/group":
		return f.Type == sekisho.TypeRegular
	}
	return false
}

func (accounts) Extract(_ context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	if in.Size > maxAccounts {
		return inv, message.Errorf("the file has %d bytes, more than the %d that are read of accounts", in.Size, maxAccounts)
	}
	b, err := in.Bytes()
	inv.Resources = []sekisho.Resource{{Kind: sekisho.ResourceAccounts, Text: redact(path.Base(in.Path), b)}}
	return inv, err
}

// redact writes the lines again, field by field, with what is known to be no
// password: the lines keep their numbers.
func redact(base string, text []byte) []byte {
	out := make([]byte, 0, len(text))
	for line := range bytes.Lines(text) {
		fields := strings.Split(strings.TrimRight(string(line), "\r\n"), ":")
		switch {
		case len(fields) < 2 || fields[0] == "" || strings.HasPrefix(fields[0], "#"):
			// A comment, a blank line, or nothing that was meant to be one.
		case base == "shadow":
			out = fmt.Appendf(out, "%s:%s", name(fields[0]), password(fields[1]))
		default:
			out = fmt.Appendf(out, "%s:%s:%s", name(fields[0]), password(fields[1]), number(field(fields, 2)))
			if base != "group" {
				home, shell := 5, 6
				if base == "master.passwd" {
					home, shell = 8, 9
				}
				out = fmt.Appendf(out, ":%s::%s:%s", number(field(fields, 3)), name(field(fields, home)), name(field(fields, shell)))
			}
		}
		out = append(out, '\n')
	}
	return out
}

func field(fields []string, i int) string {
	if i < len(fields) {
		return fields[i]
	}
	return ""
}

// password is what remains of one.
func password(field string) string {
	switch {
	case field == "":
		return passwordEmpty
	case field == "x":
		return passwordShadow
	case strings.HasPrefix(field, "!"), strings.HasPrefix(field, "*"), field == "NP", field == "LK", field == "NOLOGIN", field == "::":
		return passwordLocked
	}
	return passwordSet
}

// maxName is the length of the longest name or path of an account that is kept.
const maxName = 128

// name is a name or a path as accounts have them; "?" for what could be a hash
// that slipped into the field.
func name(s string) string {
	if len(s) > maxName || strings.Contains(strings.TrimSuffix(s, "$"), "$") {
		return "?"
	}
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"'\{}<>|;&`, c) >= 0 {
			return "?"
		}
	}
	// A hash of the old crypt(3) is 13 letters, those of other kinds are longer
	// and begin with $ or _: no name of a group or path looks like it at length.
	if len(s) > 32 && !strings.Contains(s, "/") {
		return "?"
	}
	return s
}

func number(s string) string {
	if _, err := strconv.ParseUint(s, 10, 32); err != nil {
		return ""
	}
	return s
}

// Account is a line of passwd or group.
type Account struct {
	Name, Password string
	// ID is the uid of a user, or the gid of a group; -1 when it is none.
	ID int64
	// GID, Home and Shell of a user.
	GID         int64
	Home, Shell string
	Location    sekisho.Location
}

// Accounts are the users and groups of the file system that a container sees.
type Accounts struct {
	// Found is true when there is a list of users at all.
	Found         bool
	Users, Groups []Account
	// Shadow holds name and password only.
	Shadow []Account
}

// readAccounts takes the visible lists of accounts; those below usr/ count where
// there is none in etc.
func readAccounts(all []sekisho.Resource) (a Accounts) {
	etc := map[string]bool{}
	var files []*sekisho.Resource
	for i := range all {
		if r := &all[i]; r.Kind == sekisho.ResourceAccounts && !r.Location.Hidden {
			files = append(files, r)
			if strings.HasPrefix(r.Location.Path, "etc/") {
				etc[path.Base(r.Location.Path)] = true
			}
		}
	}
	slices.SortStableFunc(files, func(x, y *sekisho.Resource) int { return strings.Compare(x.Location.Path, y.Location.Path) })
	for _, r := range files {
		base := path.Base(r.Location.Path)
		if etc[base] && !strings.HasPrefix(r.Location.Path, "etc/") {
			continue
		}
		list := parseAccounts(r)
		switch base {
		case "passwd":
			a.Users, a.Found = append(a.Users, list...), true
		case "group":
			a.Groups = append(a.Groups, list...)
		case "shadow":
			a.Shadow = append(a.Shadow, list...)
		case "master.passwd":
			if etc["passwd"] {
				a.Shadow = append(a.Shadow, list...)
			} else {
				a.Users, a.Found = append(a.Users, list...), true
			}
		}
	}
	return a
}

func parseAccounts(r *sekisho.Resource) (out []Account) {
	n := 0
	for line := range bytes.Lines(r.Text) {
		n++
		fields := strings.Split(strings.TrimRight(string(line), "\n"), ":")
		// A line of NIS, "+::::::", is no account.
		if len(fields) < 2 || strings.HasPrefix(fields[0], "+") || strings.HasPrefix(fields[0], "-") {
			continue
		}
		at := r.Location
		at.Line = n
		out = append(out, Account{
			Name: fields[0], Password: fields[1], ID: id(field(fields, 2)), GID: id(field(fields, 3)),
			Home: field(fields, 5), Shell: field(fields, 6), Location: at,
		})
	}
	return out
}

func id(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// User finds a user by name, or by number.
func (a *Accounts) User(word string) *Account { return find(a.Users, word) }

// Group finds a group by name, or by number.
func (a *Accounts) Group(word string) *Account { return find(a.Groups, word) }

func find(list []Account, word string) *Account {
	for i := range list {
		if list[i].Name == word {
			return &list[i]
		}
	}
	if n := id(word); n >= 0 {
		for i := range list {
			if list[i].ID == n {
				return &list[i]
			}
		}
	}
	return nil
}

// login says whether a shell lets anybody in.
func login(shell string) bool {
	switch path.Base(shell) {
	case "nologin", "false", "sync", "halt", "shutdown", "true":
		return false
	}
	return true
}
