// SPDX-License-Identifier: Apache-2.0

package lockfile

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestTextLines(t *testing.T) {
	x := NewText([]byte("\xef\xbb\xbfone\r\n\n  three"))
	var got []string
	for {
		l, ok := x.Next()
		if !ok {
			break
		}
		got = append(got, fmt.Sprintf("%d:%d:%s", x.Line, Indent(l), l))
	}
	if s := strings.Join(got, "|"); s != "1:0:one|2:0:|3:2:  three" {
		t.Error(s)
	}
}

func TestUnquote(t *testing.T) {
	for in, want := range map[string]string{` "a" `: "a", `'b'`: "b", `"c`: `"c`, `"`: `"`, ``: ``, `'d"`: `'d"`} {
		if got := string(Unquote([]byte(in))); got != want {
			t.Errorf("Unquote(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestJSONLines(t *testing.T) {
	const text = "\xef\xbb\xbf{\n \"a\": [\n  {\"n\": 1},\n  {\"n\":\n 2}\n ],\n \"b\"\n:\n3, \"c\": null}"
	j := NewJSON([]byte(text))
	var got []string
	err := j.Object(t.Context(), func(key string, line int) error {
		got = append(got, fmt.Sprintf("%s@%d", key, line))
		switch key {
		case "a":
			if !j.IsArray() {
				t.Error("a is an array")
			}
			return j.Array(t.Context(), func() error {
				line := j.Line()
				var v struct{ N int }
				err := j.Decode(&v)
				got = append(got, fmt.Sprintf("%d@%d", v.N, line))
				return err
			})
		case "c":
			return j.Array(t.Context(), j.Skip)
		}
		if j.IsArray() {
			t.Error(key, "is no array")
		}
		return j.Skip()
	})
	if s := strings.Join(got, " "); err != nil || s != "a@2 1@3 2@4 b@7 c@9" {
		t.Error(s, err)
	}
}

func TestJSONErrors(t *testing.T) {
	for _, bad := range []string{"", "[]", "3", "{", `{"a"`, `{"a":`, `{"a":1`, `{"a":1,}`, "\x00"} {
		j := NewJSON([]byte(bad))
		if err := j.Object(t.Context(), func(string, int) error { return j.Skip() }); err == nil {
			t.Errorf("%q: want an error", bad)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	j := NewJSON([]byte(`{"a":1}`))
	if err := j.Object(ctx, func(string, int) error { return j.Skip() }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":null}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		j := NewJSON(b)
		_ = j.Object(t.Context(), func(_ string, line int) error {
			if line < 1 || line > strings.Count(string(b), "\n")+1 {
				t.Fatal("line", line)
			}
			if j.IsArray() {
				return j.Array(t.Context(), j.Skip)
			}
			return j.Skip()
		})
	})
}
