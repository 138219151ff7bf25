// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"bytes"
	"context"
	"path"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors returns the one that keeps manifests, charts and kustomizations.
func Extractors() []sekisho.Extractor { return []sekisho.Extractor{extractor{}} }

// fileBytes is the size of the largest file that is kept.
const fileBytes = 4 << 20

type extractor struct{}

func (extractor) Name() string { return "kubernetes/manifest" }
func (extractor) Version() int { return 2 }

// Wants looks at names only: what a file is, its content says.
func (extractor) Wants(f *sekisho.File) bool {
	if f.Type != sekisho.TypeRegular || strings.HasPrefix(f.Path, ".git/") || strings.Contains(f.Path, "node_modules/") {
		return false
	}
	name := path.Base(f.Path)
	switch path.Ext(name) {
	case ".yaml", ".yml":
		return true
	case ".json":
		return !strings.HasPrefix(name, "package") && !strings.HasPrefix(name, "tsconfig")
	case ".tpl":
		return within(f.Path, "templates")
	case ".tgz":
		return within(f.Path, "charts")
	}
	return name == "Kustomization" || name == ignoreFile
}

// within says whether a directory of the path has the name.
func within(p, dir string) bool {
	return strings.HasPrefix(p, dir+"/") || strings.Contains(p, "/"+dir+"/")
}

// Extract keeps the file if its content is of Kubernetes.
func (extractor) Extract(_ context.Context, in *sekisho.Input) (sekisho.Inventory, error) {
	if in.Size > fileBytes {
		return refuse(in)
	}
	text, err := in.Bytes()
	if err != nil {
		return sekisho.Inventory{}, err
	}
	kind := kindOf(in.Path, text)
	if kind == "" {
		return sekisho.Inventory{}, nil
	}
	return sekisho.Inventory{Resources: []sekisho.Resource{{Kind: kind, Location: sekisho.Location{Path: in.Path}, Text: bytes.Clone(text)}}}, nil
}

// refuse is a Problem where the beginning of the file looks like a manifest:
// large files of data are none.
func refuse(in *sekisho.Input) (sekisho.Inventory, error) {
	head := make([]byte, 64<<10)
	n, err := in.Content.ReadAt(head, 0)
	if n == 0 {
		return sekisho.Inventory{}, err
	}
	if kindOf(in.Path, head[:n]) == "" {
		return sekisho.Inventory{}, nil
	}
	return sekisho.Inventory{Problems: []sekisho.Problem{
		sekisho.Problem{Stage: sekisho.StageExtract, Path: in.Path, Bound: "file-bytes"}.Saying(message.Say("the file has %d bytes; configuration of more than %d is not judged: split it", in.Size, fileBytes)),
	}}, nil
}

// kindOf decides what a file is, by a search of words and no parsing.
func kindOf(p string, text []byte) string {
	name := path.Base(p)
	switch {
	case isKustomization(name):
		return sekisho.ResourceKustomize
	case name == "Chart.yaml", name == ignoreFile, name == schemaFile, strings.Contains(name, "values") && path.Ext(name) != ".json" && !looksLikeManifest(text):
		return sekisho.ResourceHelm
	case path.Ext(name) == ".tgz", path.Ext(name) == ".tpl":
		return sekisho.ResourceHelm
	case within(p, "templates") && (bytes.Contains(text, []byte("{{")) || bytes.Contains(text, []byte("apiVersion"))):
		return sekisho.ResourceHelm
	case looksLikeManifest(text):
		return sekisho.ResourceKubernetes
	case bytes.Contains(text, []byte("op")) && bytes.Contains(text, []byte("path")) && looksLikePatch(text):
		return sekisho.ResourceKustomize
	}
	return ""
}

func isKustomization(name string) bool {
	return name == "kustomization.yaml" || name == "kustomization.yml" || name == "Kustomization"
}

// looksLikeManifest searches for the two members that every object has, at the
// beginning of a key.
func looksLikeManifest(text []byte) bool { return hasKey(text, "apiVersion") && hasKey(text, "kind") }

// looksLikePatch is true for a patch of RFC 6902, which has no kind.
func looksLikePatch(text []byte) bool { return hasKey(text, "op") && hasKey(text, "path") }

// hasKey finds "key:" or "\"key\":" where a key can begin.
func hasKey(text []byte, key string) bool {
	for rest := text; ; {
		i := bytes.Index(rest, []byte(key))
		if i < 0 {
			return false
		}
		before := byte('\n')
		if at := len(text) - len(rest) + i; at > 0 {
			before = text[at-1]
		}
		rest = rest[i+len(key):]
		after := bytes.TrimLeft(rest[:min(len(rest), 8)], "\"' \t")
		if len(after) > 0 && after[0] == ':' && bytes.IndexByte([]byte("\n\r \t\"'{,-\xbf"), before) >= 0 {
			return true
		}
	}
}
