// SPDX-License-Identifier: Apache-2.0

// Package rule is the index of the kinds of rules: one folder each, one line
// each in the lists below. A test compares the folders with them.
package rule

import (
	"cmp"
	"slices"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Checkers returns the checkers of every kind, judging by the settings.
func Checkers(s *check.Settings) []sekisho.Checker {
	return []sekisho.Checker{
		// one line a folder, in alphabetical order
	}
}

// Extractors returns those that recognise and keep configuration files. A
// source tree is read by all of them; an image and a root file system by
// ImageExtractors alone: what lies in them does not configure them.
func Extractors() []sekisho.Extractor {
	return slices.Concat([][]sekisho.Extractor{
		// one line a folder, in alphabetical order
	}...)
}

// ImageExtractors returns those that state facts about the file system of an
// image.
func ImageExtractors() []sekisho.Extractor {
	return slices.Concat([][]sekisho.Extractor{}...)
}

// Rules is the catalogue: every rule of every kind, in the order of ids.
func Rules() []sekisho.Rule {
	all := slices.Concat([][]sekisho.Rule{
		// one line a folder, in alphabetical order
	}...)
	slices.SortFunc(all, func(a, b sekisho.Rule) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Kind, b.Kind)) })
	return all
}
