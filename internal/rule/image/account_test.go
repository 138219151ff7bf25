// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// The hashes of the tests, made up: of each kind that crypt(5) names.
var hashes = []string{
	"$6$rounds=5000$saltsalt$NotARealHash0123456789NotARealHash0123456789", "$y$j9T$saltsalt$NotARealHash0123456789", "$2b$12$NotARealHash0123456789NotARealHash0123456789NotAR",
	"ab0123456789.", "_J9..saltNotARealHash", "$1$salt$NotARealHash01234567",
}

// A hash never becomes a fact, in whichever field of whichever file it stands.
func TestHashesAreNoFacts(t *testing.T) {
	files := []string{"etc/passwd", "etc/shadow", "etc/group", "etc/master.passwd", "usr/etc/shadow"}
	for _, path := range files {
		for _, hash := range hashes {
			for _, line := range []string{
				"root:" + hash + ":0:0:0:99999:7:::", "root:!" + hash + ":0:0::/root:/bin/sh", "root:" + hash, "root:" + hash + ":", "root:*" + hash + ":19000::::::",
				"+" + hash, hash, "# root:" + hash + ":0", "root:x:0:0:" + hash + ":/root:/bin/sh",
			} {
				text := []byte(line + "\nlast:x:1:1::/:/bin/sh\n")
				inv, err := accounts{}.Extract(t.Context(), &sekisho.Input{Path: path, Content: bytes.NewReader(text), Size: int64(len(text))})
				if err != nil || len(inv.Resources) != 1 {
					t.Fatal(inv, err)
				}
				got := string(inv.Resources[0].Text)
				// Half of it is too much as well.
				for _, part := range []string{hash, hash[len(hash)/2:], "NotARealHash", "saltsalt"} {
					if strings.Contains(got, part) {
						t.Errorf("%s: %q became the fact %q", path, line, got)
					}
				}
				if n := strings.Count(got, "\n"); n != 2 || !strings.Contains(got, "\nlast:x") {
					t.Errorf("%s: the lines of %q moved: %q", path, line, got)
				}
			}
		}
	}
	// Where a field is a name or a path, a hash in it is no name.
	for _, line := range []string{"$6$salt$NotARealHash:x:0:0", "root:x:0:0::/home/$6$salt$NotARealHash:/bin/sh", "root:x:$6$salt$NotARealHash:0"} {
		if got := redact("passwd", []byte(line)); strings.Contains(string(got), "NotARealHash") {
			t.Errorf("%q became %q", line, got)
		}
	}
}

func TestRedact(t *testing.T) {
	for _, tt := range []struct{ base, text, want string }{
		{"passwd", "root:x:0:0:Operator,Room 1,555:/root:/bin/sh\r\n\nguest::1000:100\n", "root:x:0:0::/root:/bin/sh\n\nguest:empty:1000:100:::\n"},
		{"passwd", "machine$:*:1000:1000::/:/sbin/nologin", "machine$:locked:1000:1000::/:/sbin/nologin\n"},
		{"passwd", "a:x:-1:99999999999:x:b c:/bin/sh", "a:x::::?:/bin/sh\n"},
		{"shadow", "root:*::0:::::\nbin:!\nme::1\nyou:NP:6445\nhe:abc:1", "root:locked\nbin:locked\nme:empty\nyou:locked\nhe:set\n"},
		{"group", "wheel:x:10:root,app\nsecret:hash:11:a", "wheel:x:10\nsecret:set:11\n"},
		{"master.passwd", "root:$6$a:0:0:class:0:0:Charlie:/root:/bin/csh", "root:set:0:0::/root:/bin/csh\n"},
	} {
		if got := string(redact(tt.base, []byte(tt.text))); got != tt.want {
			t.Errorf("%s %q: %q, want %q", tt.base, tt.text, got, tt.want)
		}
	}
}

func TestAccountsTooLarge(t *testing.T) {
	if _, err := (accounts{}).Extract(t.Context(), &sekisho.Input{Path: "etc/passwd", Size: maxAccounts + 1}); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Error(err)
	}
}

// The lists of usr/ count where there is none in etc.
func TestReadAccounts(t *testing.T) {
	resource := func(path, text string, hidden bool) sekisho.Resource {
		return sekisho.Resource{Kind: sekisho.ResourceAccounts, Text: []byte(text), Location: sekisho.Location{Path: path, Hidden: hidden}}
	}
	names := func(list []Account) (out []string) {
		for _, a := range list {
			out = append(out, a.Name)
		}
		return out
	}
	a := readAccounts([]sekisho.Resource{resource("usr/lib/passwd", "vendor:x:1\n", false), resource("etc/passwd", "root:x:0:0::/root:/bin/sh\n", false), resource("usr/lib/group", "wheel:x:10\n", false), resource("etc/shadow", "gone:empty\n", true)})
	if d := cmp.Diff([]string{"root"}, names(a.Users)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"wheel"}, names(a.Groups)); d != "" {
		t.Error(d)
	}
	if len(a.Shadow) != 0 {
		t.Error("a deleted file counts")
	}
	if u := a.User("0"); u == nil || u.Name != "root" || u.Location.Line != 1 {
		t.Error(u)
	}
}

func FuzzAccounts(f *testing.F) {
	for _, base := range []string{"passwd", "shadow", "group", "master.passwd"} {
		f.Add(base, "root:$6$salt$hash:0:0:0:99999:7:::\n:::\n+::\nx\n")
		f.Add(base, "root::0:0::/root:/bin/sh")
	}
	f.Fuzz(func(t *testing.T, base, text string) {
		got := redact(base, []byte(text))
		if strings.Count(string(got), "\n") < strings.Count(text, "\n") {
			t.Fatalf("lines were lost: %q became %q", text, got)
		}
		for line := range bytes.Lines(got) {
			fields := strings.Split(strings.TrimSuffix(string(line), "\n"), ":")
			if len(fields) < 2 {
				continue
			}
			switch fields[1] {
			case passwordEmpty, passwordLocked, passwordSet, passwordShadow:
			default:
				t.Fatalf("the password of %q is a fact", line)
			}
			for _, field := range fields {
				if strings.Contains(strings.TrimSuffix(field, "$"), "$") {
					t.Fatalf("%q could be a hash", field)
				}
			}
		}
		readAccounts([]sekisho.Resource{{Kind: sekisho.ResourceAccounts, Text: got, Location: sekisho.Location{Path: "etc/" + base}}})
	})
}
