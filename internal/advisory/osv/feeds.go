// SPDX-License-Identifier: Apache-2.0

// Package osv reads advisories in the Open Source Vulnerability format
// (https://ossf.github.io/osv-schema/), whoever publishes them: one parser, and
// one declaration for each publisher. It decides which world a record's
// ecosystem is and nothing about versions: it judges none.
package osv

import (
	"context"
	"iter"
	"path"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// publisher is what sets one OSV feed apart from another.
type publisher struct {
	feed sekisho.Feed
	// only says which JSON files of the entry are records; nil for all.
	only func(name string) bool
}

func publishers() []publisher {
	return []publisher{
		{feed: sekisho.Feed{
			Name: "almalinux-osv", Publisher: "AlmaLinux", License: "MIT",
			URL: "https://github.com/AlmaLinux/osv-database", Starter: true,
		}},
		{feed: sekisho.Feed{
			Name: "bitnami", Publisher: "Bitnami", License: "Apache-2.0",
			URL: "https://github.com/bitnami/vulndb", Starter: true,
		}},
		{feed: sekisho.Feed{
			Name: "debian-osv", Publisher: "Debian", License: "LicenseRef-public",
			URL:      "https://osv-vulnerabilities.storage.googleapis.com/Debian/all.zip",
			YieldsTo: "debian-tracker",
		}},
		{feed: sekisho.Feed{
			Name: "ghsa", Publisher: "GitHub", License: "CC-BY-4.0",
			URL: "https://github.com/github/advisory-database", Starter: true,
		}},
		{feed: sekisho.Feed{
			Name: "go-vulndb", Publisher: "Go", License: "CC-BY-4.0",
			URL: "https://vuln.go.dev/vulndb.zip", Starter: true,
		}, only: isGo},
		{feed: sekisho.Feed{
			Name: "kubernetes", Publisher: "Kubernetes", License: "Apache-2.0",
			URL: "https://github.com/kubernetes-sigs/cve-feed-osv", Starter: true,
		}, only: isKubernetes},
		{feed: sekisho.Feed{
			Name: "malware-osv", Publisher: "OpenSSF", License: "Apache-2.0",
			URL: "https://github.com/ossf/malicious-packages",
		}},
		{feed: sekisho.Feed{
			Name: "osv", Publisher: "OSV", License: "LicenseRef-mixed",
			URL: "https://osv-vulnerabilities.storage.googleapis.com/all.zip",
		}},
		{feed: sekisho.Feed{
			Name: "osv-fixtures", Publisher: "OSV", License: "LicenseRef-mixed",
			URL: "https://api.osv.dev/v1/vulns",
		}},
		{feed: sekisho.Feed{
			Name: "pypa-osv", Publisher: "PyPA", License: "CC-BY-4.0",
			URL: "https://github.com/pypa/advisory-database", Starter: true,
		}},
		{feed: sekisho.Feed{
			Name: "redhat-osv", Publisher: "Red Hat", License: "CC-BY-4.0",
			URL: "https://security.access.redhat.com/data/osv/",
		}},
		{feed: sekisho.Feed{
			Name: "rocky-osv", Publisher: "Rocky Linux", License: "BSD-3-Clause",
			URL: "https://osv-vulnerabilities.storage.googleapis.com/Rocky%20Linux/all.zip", YieldsTo: "rocky",
		}},
		{feed: sekisho.Feed{
			Name: "suse-osv", Publisher: "SUSE", License: "CC-BY-4.0",
			URL: "https://ftp.suse.com/pub/projects/security/osv/",
		}},
	}
}

// Feeds returns the feeds whose publishers use the OSV format. "osv" is any dump
// of records, such as the buckets of osv.dev, of every ecosystem.
func Feeds() []sekisho.Feed {
	all := publishers()
	out := make([]sekisho.Feed, len(all))
	for i, p := range all {
		out[i] = p.feed
		out[i].Parse = func(ctx context.Context, files iter.Seq2[sekisho.FeedFile, error], sink sekisho.FeedSink) error {
			return parse(ctx, p, files, sink)
		}
	}
	return out
}

// isGo picks the records out of a checkout or of the published zip, which holds
// indexes too; a checkout has CVE records of the same names.
func isGo(name string) bool {
	return strings.HasPrefix(path.Base(name), "GO-") && !strings.Contains(name, "data/cve/")
}

// isKubernetes leaves out the test data of the program that makes the feed.
func isKubernetes(name string) bool {
	return strings.HasPrefix(path.Base(name), "CVE-") && !strings.Contains(name, "/collector/")
}
