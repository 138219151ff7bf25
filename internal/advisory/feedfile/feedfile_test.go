// SPDX-License-Identifier: Apache-2.0

package feedfile

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/sekisho"
)

type sink struct {
	sekisho.FeedSink
	problems []string
}

func (s *sink) Problem(path string, err error) {
	s.problems = append(s.problems, path+": "+err.Error())
}

var errBroken = errors.New("broken")

// given yields files of these paths; "!" is an error of the feed itself.
func given(paths string) iter.Seq2[sekisho.FeedFile, error] {
	return func(yield func(sekisho.FeedFile, error) bool) {
		for p := range strings.FieldsSeq(paths) {
			var err error
			if p == "!" {
				err = errBroken
			}
			if !yield(sekisho.FeedFile{Path: p}, err) {
				return
			}
		}
	}
}

func TestEach(t *testing.T) {
	for _, tt := range []struct {
		paths, read, problems string
		err                   error
	}{
		{"", "", "", nil},
		{"a.yml b.md c.yml", "a.yml c.yml", "", nil},
		{"a.yml bad.yml c.yml", "a.yml bad.yml c.yml", "bad.yml: broken", nil},
		{"a.yml ! c.yml", "a.yml", "", errBroken},
		{"a.yml stop.yml c.yml", "a.yml stop.yml", "", context.Canceled},
		{"a.yml stop.yml", "a.yml stop.yml", "", context.Canceled}, // after the last file, too
	} {
		ctx, stop := context.WithCancel(t.Context())
		var read []string
		out := &sink{}
		err := Each(ctx, given(tt.paths), out, func(p string) bool { return strings.HasSuffix(p, ".yml") }, func(f sekisho.FeedFile, _ sekisho.FeedSink) error {
			read = append(read, f.Path)
			switch f.Path {
			case "bad.yml":
				return errBroken
			case "stop.yml":
				stop()
			}
			return nil
		})
		stop()
		if got := strings.Join(read, " "); got != tt.read || strings.Join(out.problems, ",") != tt.problems || !errors.Is(err, tt.err) {
			t.Errorf("%s: read %s, problems %q, %v", tt.paths, got, out.problems, err)
		}
	}
}

func TestYAML(t *testing.T) {
	var v struct{ A string }
	if err := YAML(sekisho.FeedFile{Data: []byte("a: b")}, &v); err != nil || v.A != "b" {
		t.Errorf("%+v, %v", v, err)
	}
	if err := YAML(sekisho.FeedFile{Data: []byte("a: [")}, &v); err == nil {
		t.Error("half a document is read")
	}
	if err := YAML(sekisho.FeedFile{Data: []byte("a: b" + strings.Repeat(" ", maxYAML))}, &v); !errors.Is(err, errTooLarge) {
		t.Errorf("a large file: %v", err)
	}
}

func TestDay(t *testing.T) {
	for in, want := range map[string]string{"2024-05-06T07:08:09Z": "2024-05-06", "2024-05-06": "2024-05-06", "2024-13-06": "", "2024-5-6": "", "": "", " 2024-05-06": ""} {
		if got := Day(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
