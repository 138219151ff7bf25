// SPDX-License-Identifier: Apache-2.0

package document

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/internal/cputime"
)

// Columns count bytes, whatever stands before a value: the reader counts
// characters.
func TestColumnsAreBytes(t *testing.T) {
	const text = "\u540d\u524d: {\u00fc: \U00010437, a: [1, \"\u00e9\", x]} # \u540d\nb:\n  - \u00e9\u00e9: {c: d}\n"
	for name, text := range map[string]string{"as it is": text, "a byte order mark": "\ufeff" + text, "returns": strings.ReplaceAll(text, "\n", "\r\n")} {
		docs, err := YAML([]byte(text))
		if err != nil || len(docs) != 1 {
			t.Fatal(name, err)
		}
		lines := strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n")
		n := 0
		var walk func(*Node)
		walk = func(v *Node) {
			for i, item := range v.Items {
				if v.Kind == Map {
					walk(v.Keys[i])
				}
				walk(item)
			}
			if v.Kind == Map || v.Kind == List {
				return
			}
			n++
			if got := strings.Trim(lines[v.Line-1][v.Column-1:v.EndColumn-1], `"`); got != v.Text {
				t.Errorf("%s: %q is at %d:%d, where %q is", name, v.Text, v.Line, v.Column, got)
			}
		}
		walk(docs[0])
		if n != 11 {
			t.Errorf("%s: %d values", name, n)
		}
	}
}

// A long line of many values takes no time that grows by both.
func TestColumnsOfALongLine(t *testing.T) {
	c := newColumns([]byte(strings.Repeat("\u00e9", 200) + "\n" + strings.Repeat("\u540d", 1<<20)))
	if got := c.bytes(1, 201); got != 401 {
		t.Errorf("behind the last character: %d", got)
	}
	for column, want := range map[int]int{1: 1, 2: 4, 65: 193, 64: 190, 1 << 20: 3*(1<<20) - 2, 1<<20 + 1: 3*(1<<20) + 1} {
		if got := c.bytes(2, column); got != want {
			t.Errorf("%d is %d, want %d", column, got, want)
		}
	}
	for _, beyond := range [][2]int{{0, 5}, {3, 5}, {2, 1 << 30}, {2, -1}} {
		if got := c.bytes(beyond[0], beyond[1]); got != beyond[1] {
			t.Error(fmt.Sprint(beyond), got)
		}
	}
	took := cputime.Of(func() {
		for i := range 500_000 {
			c.bytes(2, 1<<20-i)
		}
	})
	if took > 3*time.Second {
		t.Errorf("half a million columns of a line took %s", took)
	}
}
