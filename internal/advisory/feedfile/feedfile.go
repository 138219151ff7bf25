// SPDX-License-Identifier: Apache-2.0

// Package feedfile reads feeds whose advisories are a file each: which files
// they are, and what they say, is the business of whoever asks. It knows no
// publisher's format.
package feedfile

import (
	"context"
	"fmt"
	"iter"

	"go.yaml.in/yaml/v3"

	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Each calls read for every file whose path is wanted. An error of read is a
// problem of that file, and the next one is read; an error of files, or the end
// of ctx, ends it.
func Each(ctx context.Context, files iter.Seq2[sekisho.FeedFile, error], out sekisho.FeedSink, wants func(path string) bool, read func(f sekisho.FeedFile, out sekisho.FeedSink) error) error {
	for f, err := range files {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if !wants(f.Path) {
			continue
		}
		if err := read(f, out); err != nil {
			out.Problem(f.Path, err)
		}
	}
	return ctx.Err()
}

// maxYAML bounds one advisory in YAML, whose aliases can make much of little;
// the largest of any feed has 15 kB.
const maxYAML = 1 << 20

var errTooLarge = fmt.Errorf("larger than %d MiB", maxYAML>>20)

// YAML decodes a file of at most 1 MiB into v.
func YAML(f sekisho.FeedFile, v any) error {
	if len(f.Data) > maxYAML {
		return errTooLarge
	}
	return yaml.Unmarshal(f.Data, v)
}

var day = pattern.New(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])`)

// Day is the date that s begins with, "2024-05-06"; empty where there is none.
func Day(s string) string { return day.FindString(s) }
