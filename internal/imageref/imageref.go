// SPDX-License-Identifier: Apache-2.0

// Package imageref takes references of container images apart and holds them
// against a list of allowed registries. It judges text alone: it resolves no
// name, asks no registry, and knows no kind of file that references stand in.
package imageref

import (
	"path"
	"strings"
)

// Reference is the name of an image
// (https://github.com/distribution/reference/blob/main/reference.go).
type Reference struct {
	// Registry and Repository, "docker.io" and "library/nginx" for "nginx".
	Registry, Repository string
	// Tag and Digest; empty where there is none.
	Tag, Digest string
}

// Parse takes a reference apart. It does not check that the parts are valid.
// The bytes of unknown stand for text that is not known, such as a variable: a
// first part that holds one is a registry.
func Parse(s, unknown string) Reference {
	name, tag, digest := Split(s)
	r := Reference{Registry: hub, Repository: name, Tag: tag, Digest: digest}
	if host, rest, ok := strings.Cut(name, "/"); ok && (host == "localhost" || strings.ContainsAny(host, ".:") || unknown != "" && strings.ContainsAny(host, unknown)) {
		r.Registry, r.Repository = registry(host), rest
	}
	if r.Registry == hub && !strings.Contains(r.Repository, "/") {
		r.Repository = library + r.Repository
	}
	return r
}

// Split parts the name of an image, as it is written, from its tag and digest.
func Split(s string) (name, tag, digest string) {
	name, digest, _ = strings.Cut(s, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name, tag = name[:i], name[i+1:]
	}
	return name, tag, digest
}

// hub is the registry of names without one, and library where Docker's own
// images are in it.
const (
	hub     = "docker.io"
	library = "library/"
)

// registry is the one name of a registry that has several.
func registry(host string) string {
	if host == "index.docker.io" || host == "registry-1.docker.io" {
		return hub
	}
	return host
}

// Allowed says whether one of the patterns names the image, its registry, or
// anything that it is beneath: "docker.io", "*.example.com", "ghcr.io/team",
// "ghcr.io/team/*", "*". A "*" stands for a part of the name between slashes, or
// for a piece of one (path.Match). A pattern that is malformed allows nothing.
func (r Reference) Allowed(patterns []string) bool {
	name := strings.Split(r.Registry+"/"+r.Repository, "/")
	for _, p := range patterns {
		parts := strings.Split(strings.TrimSuffix(p, "/"), "/")
		parts[0] = registry(parts[0])
		if beneath(parts, name) {
			return true
		}
		// "docker.io/nginx" is "docker.io/library/nginx".
		if len(parts) == 2 && parts[0] == hub && beneath([]string{hub, "library", parts[1]}, name) {
			return true
		}
	}
	return false
}

// beneath says whether the first parts of a name match those of a pattern.
func beneath(pattern, name []string) bool {
	// "team/*" is all of the team, and nothing that has no more parts.
	if len(pattern) > len(name) {
		return false
	}
	for i, p := range pattern {
		if ok, err := path.Match(p, name[i]); err != nil || !ok {
			return false
		}
	}
	return true
}
