// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"bytes"
	"strings"
	"testing"
)

func TestRebase(t *testing.T) {
	for _, c := range []struct {
		name, text string
		stage      int
		ref, want  string
		refused    string
	}{
		{"a comment behind FROM is none", "FROM example.com/a:1 # no comment\n", 0, "x", "", RebaseUnreadable},
		{"comments, case and flags stay", "# syntax=docker/dockerfile:1\r\n# FROM a:1\r\nfrom --platform=linux/arm64 a:1 AS a\r\nRUN echo a:1\r\n", 0, "a:2@sha256:" + strings.Repeat("0", 64), "# syntax=docker/dockerfile:1\r\n# FROM a:1\r\nfrom --platform=linux/arm64 a:2@sha256:" + strings.Repeat("0", 64) + " AS a\r\nRUN echo a:1\r\n", ""},
		{"byte order mark", "\ufeffFROM a:1\n", 0, "b:1", "\ufeffFROM b:1\n", ""},
		{"continued", "FROM \\\n  a:1 \\\n  AS x\n", 0, "b:1", "FROM \\\n  b:1 \\\n  AS x\n", ""},
		{"argument", "ARG BASE=a:1\nFROM ${BASE}\nRUN echo $BASE\n", 0, "b:2", "ARG BASE=b:2\nFROM ${BASE}\nRUN echo $BASE\n", ""},
		{"argument with quotes", "ARG X=1 BASE=\"a:1\"\nFROM $BASE AS x\n", 0, "b:2", "ARG X=1 BASE=\"b:2\"\nFROM $BASE AS x\n", ""},
		{"a part", "ARG V=20\nFROM node:${V}-alpine\n", 0, "node:22-alpine", "ARG V=22\nFROM node:${V}-alpine\n", ""},
		{"another name than the parts", "ARG V=20\nFROM node:${V}-alpine\n", 0, "deno:22-alpine", "", RebaseComposed},
		{"two variables", "ARG N=a\nARG V=1\nFROM $N:$V\n", 0, "a:2", "", RebaseComposed},
		{"without a default", "ARG V\nFROM a:$V\n", 0, "a:2", "", RebaseComposed},
		{"a default in the reference", "FROM ${V:-a:1}\n", 0, "a:2", "", RebaseComposed},
		{"given twice", "ARG V=1\nARG V=2\nFROM a:$V\n", 0, "a:3", "", RebaseComposed},
		{"shared", "ARG V=1\nFROM a:$V AS one\nFROM a:$V\n", 1, "a:2", "", RebaseShared},
		{"only the stage", "FROM a:1 AS build\nFROM a:1\nCOPY --from=build /x /x\n", 1, "a:2", "FROM a:1 AS build\nFROM a:2\nCOPY --from=build /x /x\n", ""},
		{"no Dockerfile", "hello\n", 0, "a:2", "", RebaseUnreadable},
		{"no such stage", "FROM a:1\n", 1, "a:2", "", RebaseUnreadable},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Rebase([]byte(c.text), c.stage, c.ref)
			if got.Refused != c.refused || string(got.Text) != c.want {
				t.Errorf("%q, refused %q %v\nwant %q, %q", got.Text, got.Refused, got.Args, c.want, c.refused)
			}
			if c.refused == "" && got.Line == 0 {
				t.Error("no line")
			}
		})
	}
}

func TestPlatformOf(t *testing.T) {
	text := []byte("FROM --platform=linux/arm64 a:1\nFROM --platform=$BUILDPLATFORM b:1\nFROM c:1\n")
	for i, want := range []string{"linux/arm64", "", "", ""} {
		if got := PlatformOf(text, i); got != want {
			t.Errorf("stage %d: %q, want %q", i, got, want)
		}
	}
}

// Whatever the file is, only one piece of it changes, and what came out stands on
// the reference.
func FuzzRebase(f *testing.F) {
	for _, s := range []string{"FROM a:1\n", "ARG V=1\nFROM a:$V AS x\nFROM x\n", "# escape=`\nFROM `\na\n", "ARG B=\"a:1\"\r\nFROM ${B}\r\n", "FROM a\nRUN <<E\nFROM b\nE\n"} {
		f.Add([]byte(s), 0, "b:2")
	}
	f.Fuzz(func(t *testing.T, text []byte, stage int, ref string) {
		got := Rebase(text, stage, ref)
		if got.Refused != "" {
			return
		}
		b := Build("", got.Text, nil)
		if b == nil || b.Stages[stage].From != ref {
			t.Fatalf("%q does not stand on %q", got.Text, ref)
		}
		head, tail := 0, 0
		for head < len(text) && head < len(got.Text) && text[head] == got.Text[head] {
			head++
		}
		for tail < len(text)-head && tail < len(got.Text)-head && text[len(text)-1-tail] == got.Text[len(got.Text)-1-tail] {
			tail++
		}
		if changed := text[head : len(text)-tail]; bytes.ContainsAny(changed, "\n") {
			t.Fatalf("more than a reference changed: %q", changed)
		}
	})
}
